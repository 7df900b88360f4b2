import { looksLikeId } from '../../../kernel/ids.ts';
import { nothingYet, view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { emptyForm, type Form } from '../page.ts';
import { acceptProposal, changeAddress, declineProposal, handleMailOf, handleUnplaced } from './commands.ts';
import { readNewAddress, readProposalChoice } from './input.ts';
import { addressPage, mailPage, messagePage, proposalPage, unplacedPage } from './page.ts';
import type { RenderedMessage, StoredMessage } from './rules.ts';
import {
  locateMailOf,
  locateMessage,
  locateOne,
  locateUnplaced,
  readProposal,
  readUnplaced,
  unplacedPageSize,
} from './store.ts';

const scripts = ['form.js'];

/**
 * What comes of the mail about a meeting, both ways: proposals to answer, mails for a human, messages as they were sent.
 * `render` makes a stored message once more.
 */
export function replyRoutes(house: House, render: (row: StoredMessage) => Promise<RenderedMessage | null>): Route[] {
  const { engine, reply } = house;
  const meetingId = (c: Ctx) => c.req.param('id') ?? '';
  const at = (c: Ctx, name: 'pid' | 'mid') => ({ meetingId: meetingId(c), id: c.req.param(name) ?? '' });
  const toMeeting = (c: Ctx, done?: string) => reply.see(c, `/moten/${meetingId(c)}`, done);
  const page = (c: Ctx, name: string, model: object, status: 200 | 409 | 422 = 200) =>
    reply.page(c, `invitation/${name}`, model, { titleKey: `reply.${name}`, mood: 'officer', status, scripts });

  async function unplaced(c: Ctx) {
    const after = c.req.query('efter') ?? null;
    const seen = await view(engine, caller(c), {
      action: 'mail.sort',
      locate: nothingYet,
      read: (reads) => readUnplaced(reads, after !== null && looksLikeId(after) ? after : null),
    });
    return seen.ok ? page(c, 'unplaced', unplacedPage(seen.value, unplacedPageSize)) : reply.refused(c, seen.code);
  }

  async function unplacedOne(c: Ctx) {
    const id = c.req.param('mid') ?? '';
    const seen = await view(engine, caller(c), {
      action: 'mail.sort',
      locate: (reads) => locateUnplaced(reads, id),
      read: async (_reads, mail) => mail,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return page(c, 'mail', mailPage(seen.value, { path: `/kalendersvar/${id}`, back: '/kalendersvar' }));
  }

  async function sorted(c: Ctx) {
    const handled = await handleUnplaced(engine, caller(c), c.req.param('mid') ?? '');
    return handled.ok ? reply.see(c, '/kalendersvar', 'mejl-klart') : reply.refused(c, handled.code);
  }

  async function mail(c: Ctx) {
    const { meetingId: meeting, id } = at(c, 'mid');
    const seen = await view(engine, caller(c), {
      action: 'participation.read_mail',
      locate: (reads) => locateMailOf(reads, meeting, id),
      read: async (_reads, found) => found.mail,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const back = `/moten/${meeting}`;
    return page(c, 'mail', mailPage(seen.value, { path: `${back}/kalendersvar/${id}`, back }));
  }

  async function handled(c: Ctx) {
    const done = await handleMailOf(engine, caller(c), at(c, 'mid'));
    return done.ok ? toMeeting(c, 'mejl-klart') : reply.refused(c, done.code);
  }

  async function message(c: Ctx) {
    const { meetingId: meeting, id } = at(c, 'mid');
    const seen = await view(engine, caller(c), {
      action: 'meeting.see',
      locate: (reads) => locateMessage(reads, meeting, id),
      read: async (_reads, found) => found,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    return page(c, 'message', messagePage(seen.value.meeting, seen.value, await render(seen.value.row)));
  }

  async function proposal(c: Ctx, form: Form, status: 200 | 409 | 422) {
    const { meetingId: meeting, id } = at(c, 'pid');
    const seen = await view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (reads) => locateOne(reads, meeting, id),
      read: readProposal,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { meeting: found, participant } = seen.value;
    const model = proposalPage(found, participant, seen.value, form);
    return model.open || status !== 200 ? page(c, 'proposal', model, status) : toMeeting(c);
  }

  async function choose(c: Ctx) {
    const body = await readForm(c);
    const input = readProposalChoice(body, engine.clock.now());
    if (!input.ok) return proposal(c, input, 422);
    const { choice, seen, reason } = input.value;
    const where = at(c, 'pid');
    if (choice === 'accept') {
      const accepted = await acceptProposal(engine, caller(c), where, { seen, reason });
      if (accepted.ok) return toMeeting(c, 'forslag-ja');
      return again(c, accepted.code, body);
    }
    const declined = await declineProposal(engine, caller(c), where, seen);
    if (declined.ok) {
      const done = { mail: 'forslag-nej', letter: 'forslag-nej-brev', none: 'forslag-nej-ring' } as const;
      return toMeeting(c, done[declined.value.told]);
    }
    return again(c, declined.code, body);
  }

  function again(c: Ctx, code: string, values: Form['values']) {
    if (code === 'not_found' || code === 'forbidden') return reply.refused(c, code);
    const status = code === 'changed_by_someone_else' ? 409 : 422;
    return proposal(c, { values, errors: { '': { code } } }, status);
  }

  async function address(c: Ctx, form: Form, status: 200 | 422) {
    const { meetingId: meeting, id } = at(c, 'pid');
    const seen = await view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (reads) => locateOne(reads, meeting, id),
      read: async (_reads, found) => found,
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const model = addressPage(seen.value.meeting, seen.value.participant, form);
    return model.open || status !== 200 ? page(c, 'address', model, status) : toMeeting(c);
  }

  async function newAddress(c: Ctx) {
    const body = await readForm(c);
    const input = readNewAddress(body);
    if (!input.ok) return address(c, input, 422);
    const changed = await changeAddress(engine, caller(c), at(c, 'pid'), input.value);
    if (changed.ok) return toMeeting(c, 'ny-adress');
    if (changed.code === 'not_found' || changed.code === 'forbidden') return reply.refused(c, changed.code);
    const field = changed.code === 'same_address' ? 'email' : '';
    return address(c, { values: body, errors: { [field]: { code: changed.code } } }, 422);
  }

  const [sort, arrange, readMail] = ['mail.sort', 'meeting.arrange', 'participation.read_mail'] as const;
  const one = '/moten/:id/deltagare/:pid';
  return [
    { method: 'get', path: '/kalendersvar', action: sort, handle: unplaced },
    { method: 'get', path: '/kalendersvar/:mid', action: sort, handle: unplacedOne },
    { method: 'post', path: '/kalendersvar/:mid', action: sort, handle: sorted },
    { method: 'get', path: '/moten/:id/kalendersvar/:mid', action: readMail, handle: mail },
    { method: 'post', path: '/moten/:id/kalendersvar/:mid', action: readMail, handle: handled },
    { method: 'get', path: '/moten/:id/utskick/:mid', action: 'meeting.see', handle: message },
    { method: 'get', path: `${one}/forslag`, action: arrange, handle: (c) => proposal(c, emptyForm, 200) },
    { method: 'post', path: `${one}/forslag`, action: arrange, handle: choose },
    { method: 'get', path: `${one}/adress`, action: arrange, handle: (c) => address(c, emptyForm, 200) },
    { method: 'post', path: `${one}/adress`, action: arrange, handle: newAddress },
  ];
}
