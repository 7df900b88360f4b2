import type { FieldErrors } from '../../../kernel/fields.ts';
import { view } from '../../../platform/command.ts';
import type { House } from '../../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../../platform/web/route.ts';
import { listParticipants } from '../participant/store.ts';
import { type FoundMeeting, locateMeeting } from '../store.ts';
import { listTalks } from '../talk/store.ts';
import { abandonPoll, askTheRest, proposeTimes } from './commands.ts';
import { readProposal } from './input.ts';
import { answersPage, fixedAt, formOfQuery, formSpan, proposePage } from './page.ts';
import { isLive } from './rules.ts';
import { findPoll, listBusy } from './store.ts';

type Form = ReturnType<typeof formOfQuery>;

/** The officer's pages about proposed times. Turning a week is a GET with the form in it, so that it works without scripts. */
export function pollRoutes(house: House): Route[] {
  const { engine, reply } = house;
  const now = () => engine.clock.now();
  const meetingIdOf = (c: Ctx) => c.req.param('id') ?? '';
  const here = (c: Ctx) => `/moten/${meetingIdOf(c)}/tidsforslag`;

  type CaseReads = Parameters<typeof listParticipants>[0];
  const read = <T>(c: Ctx, run: (reads: CaseReads, meeting: FoundMeeting) => Promise<T>) =>
    view(engine, caller(c), {
      action: 'meeting.arrange',
      locate: (reads) => locateMeeting(reads, meetingIdOf(c)),
      read: run,
    });

  /** The answers of a proposal that lives, or the form for a new one. */
  async function page(c: Ctx, form: Form, status: 200 | 409 | 422) {
    const seen = await read(c, async (reads, meeting) => {
      const [participants, talks, poll] = await Promise.all([
        listParticipants(reads, meeting.id),
        listTalks(reads, meeting.id),
        findPoll(reads, meeting.id),
      ]);
      const [first, last] = [poll?.options[0], poll?.options.at(-1)];
      if (poll && first && last && isLive(poll.state) && status !== 422) {
        const busy = await listBusy(reads, meeting, participants, first.startsAt, last.endsAt);
        return { answers: answersPage(meeting, poll, { participants, busy }, { acts: true, now: now() }) };
      }
      const { from, to } = formSpan(form, now());
      const busy = await listBusy(reads, meeting, participants, from, to);
      return { propose: proposePage(meeting, { participants, talks, poll, busy }, form, now()) };
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { answers, propose } = seen.value;
    if (answers)
      return reply.page(c, 'meeting/poll/answers', answers, { titleKey: 'poll.answers', mood: 'officer', status });
    if (!propose.open && status === 200) return reply.see(c, `/moten/${meetingIdOf(c)}`);
    return reply.page(c, 'meeting/poll/propose', propose, {
      titleKey: 'poll.title',
      mood: 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  async function propose(c: Ctx) {
    const body = await readForm(c);
    const input = readProposal(body, now());
    if (!input.ok) return page(c, { values: { ...body, ...input.values }, errors: input.errors }, 422);
    const proposed = await proposeTimes(engine, caller(c), meetingIdOf(c), input.value);
    if (proposed.ok) return reply.see(c, here(c), 'tider-ute');
    if (proposed.code === 'not_found' || proposed.code === 'forbidden') return reply.refused(c, proposed.code);
    const errors: FieldErrors = proposed.code === 'gates' ? {} : { '': { code: proposed.code } };
    return page(c, { values: body, errors }, 422);
  }

  async function askRest(c: Ctx) {
    const asked = await askTheRest(engine, caller(c), meetingIdOf(c));
    return asked.ok ? reply.see(c, here(c), 'fragade') : reply.refused(c, asked.code);
  }

  async function abandoning(c: Ctx) {
    const seen = await read(c, async (reads, meeting) => {
      const poll = await findPoll(reads, meeting.id);
      const live = poll !== null && isLive(poll.state);
      return { meetingId: meeting.id, live, holds: poll?.holds ?? false, fixedAt: fixedAt(meeting) };
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    if (!seen.value.live) return reply.see(c, `/moten/${meetingIdOf(c)}`);
    return reply.page(c, 'meeting/poll/abandon', seen.value, { titleKey: 'poll.abandon', mood: 'officer' });
  }

  async function abandon(c: Ctx) {
    const ended = await abandonPoll(engine, caller(c), meetingIdOf(c));
    return ended.ok ? reply.see(c, `/moten/${meetingIdOf(c)}`, 'tider-avslutade') : reply.refused(c, ended.code);
  }

  const arrange = 'meeting.arrange';
  return [
    {
      method: 'get',
      path: '/moten/:id/tidsforslag',
      action: arrange,
      handle: (c) => page(c, formOfQuery(c.req.queries()), 200),
    },
    { method: 'post', path: '/moten/:id/tidsforslag', action: arrange, handle: propose },
    { method: 'post', path: '/moten/:id/tidsforslag/fraga', action: arrange, handle: askRest },
    { method: 'get', path: '/moten/:id/tidsforslag/avsluta', action: arrange, handle: abandoning },
    { method: 'post', path: '/moten/:id/tidsforslag/avsluta', action: arrange, handle: abandon },
  ];
}
