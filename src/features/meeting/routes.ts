import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import { view } from '../../platform/command.ts';
import type { House } from '../../platform/house.ts';
import { type Ctx, caller, type Route, readForm } from '../../platform/web/route.ts';
import { listOpenBindings } from './binding/store.ts';
import { putParticipant, recordTalk } from './commands.ts';
import { readParticipant, readTalk } from './input.ts';
import { listLetters } from './letter/store.ts';
import { noticeRoutes } from './notice/routes.ts';
import { readNotice } from './notice/store.ts';
import { meetingPage, participantFormPage, talkPage } from './page.ts';
import { listParticipants } from './participant/store.ts';
import { livePollState } from './poll/store.ts';
import { lateAnswers, timeline, toPrint, unread } from './post/page.ts';
import { listMailOf, listSentMessages } from './post/store.ts';
import { tally } from './preparation/rules.ts';
import { tallyBefore } from './preparation/store.ts';
import { mayArrange } from './rules.ts';
import { scribeRoutes } from './scribe/routes.ts';
import { mayNameScribe } from './scribe/rules.ts';
import { findScribe } from './scribe/store.ts';
import { type FoundMeeting, listMeetingEvents, locateMeeting } from './store.ts';
import { listTalks } from './talk/store.ts';

type Form = { values: FieldValues; errors: FieldErrors };
const empty: Form = { values: {}, errors: {} };

/** What stands on a meeting's agenda by itself: measures of its case that go on. */
type Agenda = (
  reads: Parameters<typeof listParticipants>[0],
  meeting: FoundMeeting,
  now: string,
) => Promise<object | null>;

export function meetingRoutes(house: House, agendaOf: Agenda): Route[] {
  const { engine, reply, texts } = house;

  function read<T>(
    c: Ctx,
    action: 'meeting.see' | 'meeting.arrange',
    read: (reads: Parameters<typeof listParticipants>[0], meeting: FoundMeeting) => Promise<T>,
  ) {
    const id = c.req.param('id') ?? '';
    return view(engine, caller(c), { action, locate: (reads) => locateMeeting(reads, id), read });
  }

  async function show(c: Ctx) {
    const { actor } = caller(c);
    const seen = await read(c, 'meeting.see', async (reads, meeting) => {
      const [participants, talks, events, notice, bindings, messages, mails, poll, letters, before, scribe] =
        await Promise.all([
          listParticipants(reads, meeting.id, { removed: true }),
          listTalks(reads, meeting.id),
          listMeetingEvents(reads, meeting.id),
          readNotice(reads, meeting.id),
          listOpenBindings(reads, meeting.id),
          listSentMessages(reads, meeting.id),
          listMailOf(reads, meeting.id),
          livePollState(reads, meeting.id),
          listLetters(reads, meeting.id),
          tallyBefore(reads, meeting.id),
          findScribe(reads, meeting),
        ]);
      const waiting = bindings.map(({ participantId }) => participantId);
      const acts = engine.rights('meeting.arrange', actor, meeting.subject).verdict === 'allowed';
      const live = participants.filter(({ removedAt }) => removedAt === null);
      const facts = { participants: live, talks, letters, notice, waiting, late: lateAnswers(mails), poll };
      return {
        ...meetingPage(meeting, facts, { acts, now: engine.clock.now() }),
        timeline: timeline(meeting.id, { participants, events, messages, mails, letters }),
        toPrint: toPrint(meeting.id, letters, participants, engine.clock.now()),
        unread: unread(meeting.id, mails),
        agenda: meeting.state === 'cancelled' ? null : await agendaOf(reads, meeting, engine.clock.now()),
        before: tally(before),
        scribe,
        mayNameScribe: acts && mayNameScribe(meeting.state),
        writes: scribe !== null && actor.kind === 'user' && scribe.id === actor.id,
        mayPrepare: engine.rights('preparation.see', actor, meeting.subject).verdict === 'allowed',
      };
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const model = seen.value;
    const rows = model.timeline.map((row) => {
      if (row.type !== 'event') return row;
      const party = row.details.party ? texts.t(`party.${row.details.party}`) : '';
      return { ...row, text: texts.t(`event.meeting.${row.move}`, { party }) };
    });
    const statusKind = model.cancelled ? 'no' : model.done ? 'ok' : model.scheduled ? 'neutral' : 'wait';
    return reply.page(
      c,
      'meeting/show',
      { ...model, rows, statusKind },
      { titleKey: 'meeting.title', mood: 'officer' },
    );
  }

  async function participantForm(c: Ctx, form: Form, rowId: string | undefined, status: 200 | 409 | 422) {
    const seen = await read(c, 'meeting.arrange', async (reads, meeting) => {
      const participants = await listParticipants(reads, meeting.id);
      return { meeting, row: participants.find(({ id }) => id === rowId) ?? null };
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const { meeting, row } = seen.value;
    if (!mayArrange(meeting.state) && status === 200) return reply.see(c, `/moten/${meeting.id}`);
    const given: Record<string, string> = row
      ? {
          ...row.person,
          participant: row.id,
          party: row.party,
          required: row.required ? 'on' : '',
        }
      : { required: 'on' };
    const values = status === 200 ? given : form.values;
    return reply.page(c, 'meeting/participant', participantFormPage(meeting, { ...form, values }, row), {
      titleKey: row ? 'participant.change' : 'participant.add',
      mood: 'officer',
      status,
      scripts: ['form.js'],
    });
  }

  async function put(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const body = await readForm(c);
    const rowId = typeof body.participant === 'string' ? body.participant : undefined;
    const input = readParticipant(body);
    if (!input.ok) return participantForm(c, input, rowId, 422);
    const done = await putParticipant(engine, caller(c), id, input.value);
    if (done.ok) return reply.see(c, `/moten/${id}`, 'deltagare');
    if (done.code === 'not_found' || done.code === 'forbidden') return reply.refused(c, done.code);
    const field = done.code === 'address_sent' ? 'email' : '';
    return participantForm(c, { values: body, errors: { [field]: { code: done.code } } }, rowId, 422);
  }

  async function talkForm(c: Ctx, form: Form, status: 200 | 422) {
    const seen = await read(c, 'meeting.arrange', async (reads, meeting) => {
      const [participants, talks] = await Promise.all([
        listParticipants(reads, meeting.id),
        listTalks(reads, meeting.id),
      ]);
      return talkPage(meeting, form, participants, talks);
    });
    if (!seen.ok) return reply.refused(c, seen.code);
    const model = seen.value;
    if (!mayArrange(model.meeting.state) && status === 200) return reply.see(c, `/moten/${model.meeting.id}`);
    const views = Object.fromEntries(model.asked.map((one) => [one.field, one.view === 'not_asked' ? '' : one.view]));
    const kept = {
      personEmail: model.person?.verified ? model.person.email : '',
      personPhone: model.person?.phone ?? '',
      unsafeContact: model.lastTalk?.unsafeContact ?? '',
    };
    const values = status === 200 ? { ...views, ...kept } : form.values;
    return reply.page(
      c,
      'meeting/talk',
      { ...model, form: { ...form, values } },
      { titleKey: 'talk.title', mood: 'officer', status, scripts: ['form.js'] },
    );
  }

  async function talk(c: Ctx) {
    const id = c.req.param('id') ?? '';
    const body = await readForm(c);
    let faults = empty;
    const done = await recordTalk(engine, caller(c), id, (participantIds) => {
      const input = readTalk(body, participantIds);
      if (!input.ok) faults = input;
      return input.ok ? input.value : null;
    });
    if (done.ok) return reply.see(c, `/moten/${id}`, 'samtal');
    if (done.code === 'not_found' || done.code === 'forbidden') return reply.refused(c, done.code);
    if (done.code === 'fields') return talkForm(c, { ...faults, values: { ...body, ...faults.values } }, 422);
    const field = done.code === 'address_sent' ? 'personEmail' : '';
    return talkForm(c, { values: body, errors: { [field]: { code: done.code } } }, 422);
  }

  return [
    { method: 'get', path: '/moten/:id', action: 'meeting.see', handle: show },
    {
      method: 'get',
      path: '/moten/:id/deltagare',
      action: 'meeting.arrange',
      handle: (c) => participantForm(c, empty, c.req.query('rad'), 200),
    },
    { method: 'post', path: '/moten/:id/deltagare', action: 'meeting.arrange', handle: put },
    { method: 'get', path: '/moten/:id/samtal', action: 'meeting.arrange', handle: (c) => talkForm(c, empty, 200) },
    { method: 'post', path: '/moten/:id/samtal', action: 'meeting.arrange', handle: talk },
    ...noticeRoutes(house),
    ...scribeRoutes(house),
  ];
}
