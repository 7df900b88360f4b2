import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { readNotedAnswer } from '../input.ts';
import type { Form } from '../page.ts';
import { locateParticipant } from '../store.ts';
import { noteAnswer } from './commands.ts';
import { notePage } from './page.ts';

/** The officer notes what came by telephone or letter. */
export function answerRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const at = (c: Ctx) => ({ meetingId: c.req.param('id') ?? '', id: c.req.param('pid') ?? '' });
  const action = 'participation.note_answer';

  async function page(c: Ctx, form: Form | null, status: 200 | 409 | 422) {
    const { meetingId, id } = at(c);
    const seen = await view(engine, caller(c), {
      action,
      locate: (reads) => locateParticipant(reads, meetingId, id),
      read: async (_reads, { meeting, participant }) => notePage(meeting, participant, form),
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    if (!seen.value.open && status === 200) return reply.see(c, `/moten/${meetingId}`);
    const scripts = ['form.js'];
    return reply.page(c, 'invitation/note', seen.value, { titleKey: 'invite.note', mood: 'officer', status, scripts });
  }

  async function note(c: Ctx) {
    const body = await readForm(c);
    const input = readNotedAnswer(body, engine.clock.now());
    if (!input.ok) return page(c, input, 422);
    const noted = await noteAnswer(engine, caller(c), at(c), input.value);
    if (noted.ok) return reply.see(c, `/moten/${at(c).meetingId}`, 'svar-antecknat');
    if (noted.code !== 'changed_by_someone_else') return reply.refused(c, noted.code);
    return page(c, { values: body, errors: { '': { code: noted.code } } }, 409);
  }

  const path = '/moten/:id/deltagare/:pid/svar';
  return [
    { method: 'get', path, action, handle: (c) => page(c, null, 200) },
    { method: 'post', path, action, handle: note },
  ];
}
