import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { readNotedVotes } from '../input.ts';
import { emptyForm, type Form } from '../page.ts';
import { locateParticipant, readInvited } from '../store.ts';
import { noteVotes } from './commands.ts';
import { noteVotesPage } from './page.ts';

/** The officer notes the answers of whoever is asked for times by letter or telephone. */
export function voteRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const at = (c: Ctx) => ({ meetingId: c.req.param('id') ?? '', id: c.req.param('pid') ?? '' });

  async function page(c: Ctx, form: Form, status: 200 | 422) {
    const { meetingId, id } = at(c);
    const seen = await view(engine, caller(c), {
      action: 'participation.note_answer',
      locate: (reads) => locateParticipant(reads, meetingId, id),
      read: async (reads, invited) => {
        const { meeting, participant, poll } = await readInvited(reads, invited);
        return poll && noteVotesPage(meeting, poll, participant, form);
      },
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    if (!seen.value) return reply.see(c, `/moten/${meetingId}`);
    return reply.page(c, 'meeting/poll/note', seen.value, { titleKey: 'poll.note', mood: 'officer', status });
  }

  async function note(c: Ctx) {
    const body = await readForm(c);
    let faults = emptyForm;
    const noted = await noteVotes(engine, caller(c), at(c), (poll) => {
      const input = readNotedVotes(
        body,
        poll.options.map(({ id }) => id),
      );
      if (!input.ok) faults = input;
      return input.ok ? input.value : null;
    });
    if (noted.ok) return reply.see(c, `/moten/${at(c).meetingId}/tidsforslag`, 'svar-antecknat');
    return noted.code === 'fields' ? page(c, faults, 422) : reply.refused(c, noted.code);
  }

  const path = '/moten/:id/deltagare/:pid/tider';
  const action = 'participation.note_answer';
  return [
    { method: 'get', path, action, handle: (c) => page(c, emptyForm, 200) },
    { method: 'post', path, action, handle: note },
  ];
}
