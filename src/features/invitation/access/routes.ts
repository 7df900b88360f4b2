import type { Decision } from '../../../kernel/decision.ts';
import type { FieldsRead } from '../../../kernel/fields.ts';
import { stockholmDate } from '../../../kernel/time.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { statusOf } from '../../../platform/web/reply.ts';
import { type Ctx, caller, type FormBody, type Route, readForm } from '../../../platform/web/route.ts';
import { revokeLink } from '../commands.ts';
import { emptyForm, type Form } from '../page.ts';
import { locateParticipant, readAccess } from '../store.ts';
import { choosePartyCode, decideClaim } from './commands.ts';
import { readBindingWord, readPartyChoice } from './input.ts';
import { accessPage } from './page.ts';

/** The officer's page on how a participant is let in. */
export function accessRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const at = (c: Ctx) => ({ meetingId: c.req.param('id') ?? '', id: c.req.param('pid') ?? '' });
  const today = () => stockholmDate(engine.clock.now());
  const here = (c: Ctx) => `/moten/${at(c).meetingId}/deltagare/${at(c).id}/atkomst`;

  async function page(c: Ctx, form: Form, status: 200 | 409 | 422) {
    const { meetingId, id } = at(c);
    const seen = await view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (reads) => locateParticipant(reads, meetingId, id),
      read: async (reads, { meeting, participant }) =>
        accessPage(meeting, participant, await readAccess(reads, participant), form),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return reply.page(c, 'invitation/access', seen.value, {
      titleKey: 'invite.access',
      mood: 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  function act<T>(
    read: (body: FormBody, today: string) => FieldsRead<T>,
    run: (c: Ctx, input: T) => Promise<Decision<null>>,
    done: (input: T) => string,
  ) {
    return async (c: Ctx) => {
      const body = await readForm(c);
      const input = read(body, today());
      if (!input.ok) return page(c, input, 422);
      const acted = await run(c, input.value);
      if (acted.ok) return reply.see(c, here(c), done(input.value));
      if (acted.code === 'not_found' || acted.code === 'forbidden') return reply.refused(c, acted.code);
      const errors = { '': { code: acted.code } };
      return page(c, { values: body, errors }, statusOf(acted.code) === 409 ? 409 : 422);
    };
  }

  async function revoke(c: Ctx) {
    const revoked = await revokeLink(engine, caller(c), at(c));
    return revoked.ok ? reply.see(c, here(c), 'lank-bort') : reply.refused(c, revoked.code);
  }

  const one = '/moten/:id/deltagare/:pid';
  const arrange = 'meeting.arrange';
  return [
    { method: 'get', path: `${one}/atkomst`, action: arrange, handle: (c) => page(c, emptyForm, 200) },
    { method: 'post', path: `${one}/aterkallelse`, action: arrange, handle: revoke },
    {
      method: 'post',
      path: `${one}/konto`,
      action: 'participation.bind',
      handle: act(
        readBindingWord,
        (c, word) => decideClaim(engine, caller(c), at(c), word),
        ({ outcome }) => (outcome === 'yes' ? 'konto' : 'inget-konto'),
      ),
    },
    {
      method: 'post',
      path: `${one}/kod`,
      action: arrange,
      handle: act(
        readPartyChoice,
        (c, how) => choosePartyCode(engine, caller(c), at(c), how),
        (how) => (how === null ? 'kod-bort' : 'kod-tillaten'),
      ),
    },
  ];
}
