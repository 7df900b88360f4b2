import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import type { FieldsRead } from '../../../kernel/fields.ts';
import { type IsoDate, stockholmDate } from '../../../kernel/time.ts';
import { type Caller, command, type Engine, type Work } from '../../../platform/command.ts';
import { answeredMessage } from '../reminder/mail.ts';
import { firstReminder, reachOwner } from '../reminder/rules.ts';
import type { DecisionInput, ReportInput } from './input.ts';
import {
  afterDecision,
  afterOfficer,
  afterOwner,
  type Carried,
  isGoing,
  type OwnReport,
  type Standing,
} from './rules.ts';
import { insertReport, locateCarried, updateStanding, wasSent } from './store.ts';

export type Reported = { caseId: string; number: number; by: 'owner' | 'officer' };
/** Reads the form once it is known who sends it. */
export type ReadReport = (today: IsoDate, by: Reported['by']) => FieldsRead<ReportInput>;

const lives = ({ found }: Carried): boolean => found.state === 'open' || found.state === 'closing';
const locate = (id: string) => async (reads: Parameters<typeof locateCarried>[0]) =>
  (await locateCarried(reads, id))?.at ?? null;

/** When the worker next looks whom to remind of it; days that have not changed are reminded of as before. */
function nextReminder(was: Carried, to: Standing, work: Work): Carried['remindAt'] {
  if (!isGoing(to.state)) return null;
  const again = to.due !== was.standing.due || !isGoing(was.standing.state);
  return again ? firstReminder(to.due, work.now) : was.remindAt;
}

/**
 * Notes how an agreed measure goes. A day that its owner asks for waits for the officer; one that the officer sets is
 * granted at once. The same form sent twice is one report. Refuses `fields`, `not_now` once the case is closed, and
 * `changed_by_someone_else` when it does not stand as the page showed it.
 */
export function reportMeasure(
  engine: Engine,
  caller: Caller,
  id: string,
  read: ReadReport,
): Promise<Decision<Reported>> {
  return command(engine, caller, {
    action: 'measure.report',
    locate: locate(id),
    async run(work, carried) {
      const { measure, standing, found } = carried;
      const by = reporterOf(work, carried);
      const officer = by === 'officer';
      const today = stockholmDate(work.now);
      const input = read(today, by);
      if (!input.ok) return refuse('fields');
      const { seen, sendKey, ...report } = input.value;
      const done = accept({ caseId: found.id, number: measure.number, by });
      if (await wasSent(work, id, sendKey)) return done;
      if (!lives(carried)) return refuse('not_now');
      if (seen !== null && seen !== measure.version) return refuse('changed_by_someone_else');
      const at = { now: work.now, today };
      const to = officer ? afterOfficer(standing, report, at) : afterOwner(standing, report, at);
      const remindAt = nextReminder(carried, to, work);
      if (!(await updateStanding(work, measure, { ...to, remindAt }))) return refuse('changed_by_someone_else');
      await noteReport(work, id, report, { sendKey, grantedDue: officer ? report.proposedDue : null, decision: null });
      return done;
    },
  });
}

/** Whoever is both, reports as the officer. */
const reporterOf = ({ actor }: Work, { found }: Carried): Reported['by'] =>
  actor.kind === 'user' && actor.fk && [actor.id, ...actor.covers].includes(found.officerId) ? 'officer' : 'owner';

function noteReport(
  work: Work,
  measureId: string,
  report: OwnReport,
  more: Pick<Parameters<typeof insertReport>[1], 'sendKey' | 'grantedDue' | 'decision'>,
): Promise<void> {
  const accountId = work.actor.kind === 'user' ? work.actor.id : null;
  return insertReport(work, { ...report, ...more, id: work.newId(), measureId, at: work.now, accountId });
}

export type Decided = { caseId: string; number: number; told: boolean };

/**
 * Grants or refuses the new day that the owner of a measure asked for, and mails them that there is an answer. Refuses
 * `fields`, and `changed_by_someone_else` when that day is not asked for any more.
 */
export function decideDue(
  engine: Engine,
  caller: Caller,
  id: string,
  input: DecisionInput | null,
): Promise<Decision<Decided>> {
  return command(engine, caller, {
    action: 'measure.decide',
    locate: locate(id),
    async run(work, carried): Promise<Decision<Decided>> {
      const { measure, standing, found, owner } = carried;
      if (!input) return refuse('fields');
      if (!lives(carried)) return refuse('not_now');
      if (standing.askedDue === null || standing.askedDue !== input.asked) return refuse('changed_by_someone_else');
      const to = afterDecision(standing, input.granted);
      const remindAt = nextReminder(carried, to, work);
      if (!(await updateStanding(work, measure, { ...to, remindAt }))) return refuse('changed_by_someone_else');
      const report = { status: standing.state, note: input.words, obstacle: '', proposedDue: null, meet: false };
      const [grantedDue, decision] = input.granted ? ([input.asked, 'granted'] as const) : ([null, 'refused'] as const);
      await noteReport(work, id, report, { sendKey: null, grantedDue, decision });
      const { protectedIdentity } = found.individual;
      // What the individual asked for they are told the answer to, whether or not they want reminders.
      const reach = reachOwner(owner, { protectedIdentity, wantsReminders: true, accountEmail: carried.accountEmail });
      if (reach.how === 'mail' && owner) {
        const { linkGeneration } = owner;
        await work.send(answeredMessage({ id: work.newId(), measureId: id, to: reach.to, linkGeneration }));
      }
      return accept({ caseId: found.id, number: measure.number, told: reach.how === 'mail' });
    },
  });
}
