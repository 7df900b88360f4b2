import demo from '../views/demo/demo.json' with { type: 'json' };
import { setUp } from './features/account/commands.ts';
import { listDemoAccounts } from './features/account/store.ts';
import { registerRepresentative } from './features/case/person/commands.ts';
import { readRepresentation } from './features/case/person/input.ts';
import { giveConsent } from './features/consent/commands.ts';
import { readConsent } from './features/consent/input.ts';
import { makeRelease } from './features/consent/release/commands.ts';
import { readRelease } from './features/consent/release/input.ts';
import { printCopy } from './features/consent/release/render.ts';
import { answerInvitation } from './features/invitation/answer/commands.ts';
import { fixTime, sendInvitations } from './features/invitation/commands.ts';
import { askByLink, putPapers, sendPreparation } from './features/invitation/preparation/commands.ts';
import { vote } from './features/invitation/vote/commands.ts';
import { putParticipant, recordTalk } from './features/meeting/commands.ts';
import { noteNotice, writeNotice } from './features/meeting/notice/commands.ts';
import { bindParticipant } from './features/meeting/participant/commands.ts';
import { listParticipants } from './features/meeting/participant/store.ts';
import { proposeTimes } from './features/meeting/poll/commands.ts';
import { usualLastDay, type Vote } from './features/meeting/poll/rules.ts';
import type { Participant, PlaceKind } from './features/meeting/rules.ts';
import { type FoundMeeting, locateMeeting } from './features/meeting/store.ts';
import { finaliseMinutes, holdMeeting, putMeasure, saveFields } from './features/minutes/commands.ts';
import { readMeasure } from './features/minutes/input.ts';
import { printMinutes } from './features/minutes/render.ts';
import { noteSickLeave } from './features/plan/clock/commands.ts';
import { reportMeasure } from './features/plan/commands.ts';
import { noteGoal } from './features/plan/goal/commands.ts';
import { goalKey } from './features/plan/goal/rules.ts';
import { listMeasuresOfCase } from './features/plan/store.ts';
import { assignRequest, decideRequest, registerRequest, submitRequest } from './features/request/commands.ts';
import { readDecision, readRequest } from './features/request/input.ts';
import { type Actor, nothingBeside, type Role, type User } from './kernel/access.ts';
import type { Decision } from './kernel/decision.ts';
import { newId } from './kernel/ids.ts';
import { addDays, addMinutes, type IsoDate, type IsoInstant, parseStockholm, stockholmDate } from './kernel/time.ts';
import { addWorkingDays, isWorkingDay } from './kernel/working-days.ts';
import { type Engine, view } from './platform/command.ts';
import type { CaseReads } from './platform/db/access.ts';
import type { Reads } from './platform/db/database.ts';
import type { House } from './platform/house.ts';

type Key = keyof typeof demo.requests;
type CaseKey = keyof typeof demo.confirmations;

/** A sample that the rules refuse is a mistake in demo.json, and stops the start. */
function must<T>(decision: Decision<T>, what: string): T {
  if (!decision.ok) throw new Error(`demo: ${what} was refused: ${decision.code}`);
  return decision.value;
}

/** The working day `days` before (negative) or after today. */
function workingDay(today: IsoDate, days: number): IsoDate {
  if (days >= 0) return addWorkingDays(today, days);
  let day = today;
  for (let left = -days; left > 0; ) {
    day = addDays(day, -1);
    if (isWorkingDay(day)) left--;
  }
  return day;
}

/** An instant on a day by the clock in Stockholm. */
function at(day: IsoDate, clock: string): IsoInstant {
  const parsed = parseStockholm(`${day}T${clock}`);
  if (!parsed.ok) throw new Error('demo: no such time');
  return parsed.instant;
}

/**
 * Fills an empty database with demo accounts, four cases at different points of the chain and two requests in the
 * queue. Everything but the accounts goes through the commands, so that no impossible state can be shown.
 */
export async function seedDemo(house: House): Promise<void> {
  const { engine } = house;
  const now = engine.clock.now();
  const today = stockholmDate(now);
  const reference = 'demo';
  const set = await setUp(engine, { actor: { kind: 'worker' }, reference }, installation(now));
  if (!set.ok) return;

  const users = new Map<string, User>();
  for (const account of await listDemoAccounts(engine.database.reads)) {
    users.set(account.demoKey ?? '', { kind: 'user', ...nothingBeside, ...account });
  }
  const user = (key: string): User => users.get(key) as User;
  const as = (actor: Actor) => ({ actor, reference });
  /** The same house on another day. */
  const on = (instant: IsoInstant): Engine => ({ ...engine, clock: { now: () => (instant < now ? instant : now) } });

  /** What an officer sees of a meeting, in the log like any other look. */
  async function seen<T>(
    instant: IsoInstant,
    meetingId: string,
    by: User,
    read: (reads: CaseReads, meeting: FoundMeeting) => Promise<T>,
  ): Promise<T> {
    const locate = (reads: Reads) => locateMeeting(reads, meetingId);
    return must(await view(on(instant), as(by), { action: 'meeting.see', locate, read }), 'look');
  }
  const participantsOf = (instant: IsoInstant, meetingId: string, by: User) =>
    seen(instant, meetingId, by, (reads) => listParticipants(reads, meetingId));

  async function request(key: Key, instant: IsoInstant): Promise<string> {
    const form = demo.requests[key] as Record<string, string | string[]>;
    const registered = 'channel' in form;
    const read = readRequest(form, today, registered);
    if (!read.ok) throw new Error(`demo: request ${key}: ${Object.keys(read.errors).join(', ')}`);
    if (registered) {
      const given = { ...read.value, channel: 'phone' as const, receivedAt: instant };
      return must(await registerRequest(on(addMinutes(instant, 5)), as(user('fk')), given), key).id;
    }
    const actor: Actor = typeof form.as === 'string' ? user(form.as) : { kind: 'public' };
    return must(await submitRequest(on(instant), as(actor), read.value), key).id;
  }

  async function confirm(key: CaseKey, requestId: string, officer: User, instant: IsoInstant): Promise<string> {
    must(await assignRequest(on(instant), as(officer), requestId, officer.id), `assign ${key}`);
    const read = readDecision({ decision: 'confirm', disclosure: 'outcome', ...demo.confirmations[key] }, today, false);
    if (!read.ok) throw new Error(`demo: decision ${key}`);
    const decided = await decideRequest(
      on(addMinutes(instant, 5)),
      as(officer),
      requestId,
      'confirm',
      () => read.value,
    );
    return must(decided, `confirm ${key}`).meetingId as string;
  }

  async function invite(key: CaseKey, meetingId: string, officer: User, instant: IsoInstant): Promise<void> {
    for (const one of demo.participants[key]) {
      const known = 'account' in one ? demo.accounts.find((account) => account.key === one.account) : null;
      const { name, email, phone } = (known ?? one) as { name: string; email: string; phone: string };
      const organisation =
        demo.organisations.find((each) => each.key === known?.organisation)?.name ??
        ('organisation' in one ? one.organisation : undefined) ??
        '';
      const input = {
        participantId: null,
        party: one.party as Participant['party'],
        person: { name, title: one.title, organisation, email, phone },
        required: one.required,
        verifiedHow: demo.verifiedHow,
      };
      const put = must(await putParticipant(on(instant), as(officer), meetingId, input), `participant ${key}`);
      const account = known && known.organisation !== 'fk' ? user(known.key) : null;
      if (account) {
        const bound = { participantId: put.participantId, accountId: account.id };
        must(await bindParticipant(on(instant), as(officer), meetingId, bound), `bind ${key}`);
      }
    }
  }

  async function talk(key: keyof typeof demo.talks, meetingId: string, officer: User, instant: IsoInstant) {
    const participants = await participantsOf(instant, meetingId, officer);
    const said = demo.talks[key];
    const views = said.views as Record<string, 'yes'>;
    const input = {
      how: said.how,
      email: said.email,
      phone: said.phone,
      goOnReason: null,
      unsafeContact: 'unsafeContact' in said ? said.unsafeContact : null,
      views: Object.fromEntries(participants.flatMap(({ id, party }) => (views[party] ? [[id, views[party]]] : []))),
    };
    must(await recordTalk(on(instant), as(officer), meetingId, () => input), `talk ${key}`);
  }

  async function schedule(
    key: keyof typeof demo.places,
    meetingId: string,
    officer: User,
    instant: IsoInstant,
    startsAt: IsoInstant,
  ): Promise<void> {
    const time = {
      startsAt,
      endsAt: addMinutes(startsAt, 60),
      placeKind: demo.places[key].kind as PlaceKind,
      place: demo.places[key].place,
      videoUrl: '',
      interpreter: null,
      reason: '',
      seen: null,
    };
    must(await fixTime(on(instant), as(officer), meetingId, time, null), `time ${key}`);
    must(await sendInvitations(on(addMinutes(instant, 10)), as(officer), meetingId), `invite ${key}`);
  }

  const officer = user('fk');
  const typed = (text: string) => text;

  // 1: everything done once: held, minuted, with a plan that is being followed.
  const majaRequest = await request('maja', at(workingDay(today, -38), '09:12'));
  const maja = await confirm('maja', majaRequest, officer, at(workingDay(today, -35), '10:30'));
  await invite('maja', maja, officer, at(workingDay(today, -35), '11:00'));
  await talk('maja', maja, officer, at(workingDay(today, -35), '13:20'));
  const majaDay = workingDay(today, -15);
  await noteDays(maja, officer, at(workingDay(today, -20), '08:30'));
  await schedule('maja', maja, officer, at(workingDay(today, -34), '08:40'), at(majaDay, '10:00'));
  await inform(maja, officer, workingDay(today, -33));
  await writeMinutes(maja, officer, majaDay);
  await share(maja, officer, majaDay);
  await represent(maja, officer, at(workingDay(today, -10), '09:30'));

  // 2: invited, some have answered.
  const aliRequest = await request('ali', at(workingDay(today, -12), '15:05'));
  const ali = await confirm('ali', aliRequest, officer, at(workingDay(today, -9), '09:00'));
  await invite('ali', ali, officer, at(workingDay(today, -9), '09:20'));
  await talk('ali', ali, officer, at(workingDay(today, -8), '14:00'));
  await schedule('ali', ali, officer, at(workingDay(today, -7), '10:00'), at(workingDay(today, 9), '13:00'));
  const answers: Record<string, { answer: string; comment: string }> = demo.answers.ali;
  for (const one of await participantsOf(at(workingDay(today, -5), '11:00'), ali, officer)) {
    const given = answers[one.party];
    if (!given) continue;
    const reply = {
      answer: given.answer as 'accepted',
      comment: given.comment,
      proposedStart: null,
      sequence: one.sentSequence,
    };
    const link: Actor = { kind: 'link', scope: 'participant', id: one.id };
    must(await answerInvitation(on(at(workingDay(today, -5), '11:30')), as(link), one.id, reply), 'answer');
  }

  // 3: times are proposed, some have answered, and the person has written before the meeting.
  const elinRequest = await request('elin', at(workingDay(today, -6), '13:10'));
  const elin = await confirm('elin', elinRequest, officer, at(workingDay(today, -5), '09:40'));
  await invite('elin', elin, officer, at(workingDay(today, -5), '09:50'));
  await talk('elin', elin, officer, at(workingDay(today, -3), '10:15'));
  await propose(elin, officer, at(workingDay(today, -1), '08:30'));

  // 4: just confirmed, nothing planned yet.
  const karinRequest = await request('karin', at(workingDay(today, -4), '16:20'));
  const karin = await confirm('karin', karinRequest, user('fk2'), at(workingDay(today, -1), '11:10'));
  await invite('karin', karin, user('fk2'), at(workingDay(today, -1), '11:15'));

  // In the queue: one that has waited long and needs an answer, one that came yesterday.
  const waiting = await request('waiting', at(workingDay(today, -13), '10:00'));
  const ask = readDecision({ decision: 'ask', outwardText: demo.minutes.questionToRequester }, today, false);
  if (ask.ok)
    must(
      await decideRequest(on(at(workingDay(today, -11), '09:30')), as(officer), waiting, 'ask', () => ask.value),
      'ask',
    );
  await request('new', at(workingDay(today, -1), '14:45'));

  /** Three times, answered by those who can, and what the person asks for and writes on their link. */
  async function propose(meetingId: string, by: User, instant: IsoInstant): Promise<void> {
    const starts = [
      at(workingDay(today, 6), '13:00'),
      at(workingDay(today, 7), '09:00'),
      at(workingDay(today, 8), '10:00'),
    ];
    const times = starts.map((startsAt) => ({ startsAt, endsAt: addMinutes(startsAt, 60) }));
    const proposal = { times, lastDay: usualLastDay(starts[0] as string, instant), holds: false };
    must(await proposeTimes(on(instant), as(by), meetingId, proposal), 'times');
    const papers = { listed: [], added: [demo.before.paper] };
    must(await putPapers(on(instant), as(by), meetingId, () => papers, typed), 'papers');
    const later = addMinutes(instant, 90);
    for (const { id, party } of await participantsOf(later, meetingId, by)) {
      const votes: readonly string[] | undefined = (demo.before.votes as Record<string, string[]>)[party];
      if (!votes) continue;
      const link = as({ kind: 'link', scope: 'participant', id });
      const read = (poll: { options: readonly { id: string }[] }) =>
        Object.fromEntries(poll.options.map((option, n) => [option.id, votes[n] as Vote]));
      must(await vote(on(later), link, id, read), 'votes');
      if (party !== 'PERSON') continue;
      const changes = (['want', 'notDiscuss'] as const).map((field) => {
        return { field, text: demo.before[field], share: null, seen: '' };
      });
      must(await sendPreparation(on(addMinutes(later, 5)), link, id, typed, () => changes), 'preparation');
      must(await askByLink(on(addMinutes(later, 10)), link, id, demo.before.adaptation), 'adaptation');
    }
  }

  async function inform(meetingId: string, by: User, day: IsoDate): Promise<void> {
    const { t } = house.texts;
    const text = ['p1', 'p2', 'p3', 'p4', 'p5', 'law'].map((key) => t(`notice.${key}`)).join('\n\n');
    const written = await writeNotice(on(at(day, '09:00')), as(by), meetingId, { receivesBenefit: true, text });
    must(written, 'notice');
    const given = { how: 'phone' as const, day, note: demo.noticeNote };
    must(await noteNotice(on(at(day, '09:30')), as(by), meetingId, given), 'notice given');
  }

  /** The sick periods of the case. */
  async function noteDays(meetingId: string, by: User, instant: IsoInstant): Promise<void> {
    const caseId = await seen(instant, meetingId, by, async (_reads, meeting) => meeting.caseId);
    const periods = demo.minutes.sickLeave.map(({ firstDaysAgo, lastDaysAgo, extent }) => ({
      firstDay: addDays(today, -firstDaysAgo),
      lastDay: lastDaysAgo === null ? null : addDays(today, -lastDaysAgo),
      extent: extent as 'full',
    }));
    const input = { facts: { periods, noSgi: false }, seen: '' };
    must(await noteSickLeave(on(instant), as(by), caseId, input), 'sick leave');
  }

  /** What the person lets two parties know, and the copy that one of them got of it. */
  async function share(meetingId: string, by: User, day: IsoDate): Promise<void> {
    const caseId = await seen(at(day, '12:00'), meetingId, by, async (_reads, meeting) => meeting.caseId);
    const before = workingDay(today, -16);
    for (const said of demo.consents) {
      const read = readConsent(said as Record<string, string | string[]>, { noted: true, today: before });
      if (!read.ok) throw new Error(`demo: consent ${Object.keys(read.errors).join(', ')}`);
      must(await giveConsent(on(at(before, '10:10')), as(by), caseId, read.value), 'consent');
    }
    const read = readRelease(demo.release);
    if (!read.ok) throw new Error(`demo: release ${Object.keys(read.errors).join(', ')}`);
    const print = (copy: Parameters<typeof printCopy>[0]) => printCopy(copy, house.texts.t);
    must(await makeRelease(on(at(day, '13:30')), as(by), caseId, read.value, print), 'release');
  }

  async function represent(meetingId: string, by: User, instant: IsoInstant): Promise<void> {
    const read = readRepresentation(demo.representative, stockholmDate(instant));
    if (!read.ok) throw new Error(`demo: representative ${Object.keys(read.errors).join(', ')}`);
    const caseId = await seen(instant, meetingId, by, async (_reads, meeting) => meeting.caseId);
    must(
      await registerRepresentative(on(instant), as(by), caseId, read.value, { issuer: '', privateOrganisation: '' }),
      'representative',
    );
  }

  async function writeMinutes(meetingId: string, by: User, day: IsoDate): Promise<void> {
    const held = on(at(day, '10:05'));
    must(await holdMeeting(held, as(by), meetingId), 'hold');
    const participants = await participantsOf(at(day, '10:05'), meetingId, by);
    const attendance = demo.minutes.attendance as Record<string, string>;
    const parts = demo.minutes.parts as Record<string, string>;
    const texts: Record<string, string> = {
      ...demo.minutes.fields,
      ...Object.fromEntries(
        participants.flatMap(({ id, party }) => [
          [`attendance-${id}`, attendance[party] ?? 'present'],
          [`attendance-${id}-parts`, parts[party] ?? ''],
        ]),
      ),
      followUpDate: workingDay(today, 20),
    };
    const changes = Object.entries(texts).map(([field, text]) => ({ field, text, baseVersion: 0 }));
    const saved = must(await saveFields(held, as(by), meetingId, () => changes), 'minutes');
    if (Object.keys(saved.errors).length > 0) throw new Error(`demo: fields ${JSON.stringify(saved.errors)}`);
    const inDays = (days: number | undefined) => (days === undefined ? '' : addDays(today, days));
    for (const { dueInDays, startInDays, followUpInDays, ...measure } of demo.minutes.measures) {
      const days = { due: inDays(dueInDays), start: inDays(startInDays), followUpOn: inDays(followUpInDays) };
      const read = readMeasure({ ...measure, ...days });
      if (!read.ok) throw new Error(`demo: measure ${Object.keys(read.errors).join(', ')}`);
      must(await putMeasure(on(at(day, '10:50')), as(by), meetingId, read.value), 'measure');
    }
    const { t } = house.texts;
    const finalised = await finaliseMinutes(
      on(at(day, '11:20')),
      as(by),
      meetingId,
      () => ({ reason: demo.minutes.reason, noFollowUpReason: '', next: 'book' }),
      (content, createdAt) => printMinutes(content, t, createdAt),
    );
    must(finalised, 'finalise');
    const measures = await seen(at(day, '11:20'), meetingId, by, (reads, { caseId }) =>
      listMeasuresOfCase(reads, caseId),
    );
    const goal = { goal: goalKey(demo.minutes.subGoalReached), reachedOn: workingDay(today, -4) };
    const caseId = await seen(at(day, '11:20'), meetingId, by, async (_reads, meeting) => meeting.caseId);
    must(await noteGoal(on(at(workingDay(today, -3), '14:50')), as(by), caseId, goal), 'sub-goal');
    for (const { measure, status, note } of demo.minutes.reports) {
      const id = measures.find(({ number }) => number === measure)?.id ?? '';
      const report = { status: status as 'done', note, proposedDue: null };
      must(await reportMeasure(on(at(workingDay(today, -3), '15:00')), as(by), id, report), 'report');
    }
  }
}

function installation(now: IsoInstant): Parameters<typeof setUp>[2] {
  const ids = new Map(demo.organisations.map(({ key }) => [key, newId(now)]));
  const organisationId = (key: string) => ids.get(key) as string;
  const unit = { ...demo.unit, id: newId(now), organisationId: organisationId('fk') };
  return {
    organisations: demo.organisations.map(({ key, party, name }) => ({ id: organisationId(key), party, name })),
    units: [unit],
    accounts: demo.accounts.map((account, index) => ({
      // Listed in this order.
      id: newId(addMinutes(now, index - demo.accounts.length)),
      demoKey: account.key,
      role: account.role as Role,
      fk: account.organisation === 'fk',
      party: account.party,
      organisationId: organisationId(account.organisation),
      unitId: account.organisation === 'fk' && account.role !== 'administrator' ? unit.id : null,
      name: account.name,
      email: account.email,
      phone: account.phone,
      personalNumber: 'number' in account ? (account.number ?? null) : null,
      handlesProtected: 'handlesProtected' in account,
    })),
  };
}
