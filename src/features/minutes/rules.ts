import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { sha256 } from '../../kernel/digest.ts';
import { type Party, partyCodes } from '../../kernel/parties.ts';
import { characters, isReadable, normaliseText } from '../../kernel/text.ts';
import { type IsoInstant, parseDate } from '../../kernel/time.ts';
import type { MinutesContent } from '../filing/document/rules.ts';
import type { Meeting, MeetingKind, Participant } from '../meeting/rules.ts';
import { rehabilitationAnswers } from '../plan/law/rules.ts';
import type { Measure } from '../plan/rules.ts';
import { type Question, questions } from '../request/rules.ts';

export const minutesStates = ['draft', 'review', 'finalised'] as const;
export type MinutesState = (typeof minutesStates)[number];
export type MinutesMove = 'release' | 'reopen' | 'finalise';

/** states.md "Minutes". A move that is not listed is refused. */
const moves: Record<MinutesMove, Partial<Record<MinutesState, MinutesState>>> = {
  release: { draft: 'review' },
  reopen: { review: 'draft' },
  finalise: { review: 'finalised', draft: 'finalised' },
};

/**
 * The state after the move. Refuses `finalised` for anything done to locked minutes, `reason_needed` when a draft is
 * finalised without saying why nobody reviewed it, and `not_now` where the table has no such move.
 */
export function moveMinutes(state: MinutesState, move: MinutesMove, reason: string): Decision<MinutesState> {
  if (state === 'finalised') return refuse('finalised');
  const to = moves[move][state];
  if (!to) return refuse('not_now');
  return move === 'finalise' && state === 'draft' && reason === '' ? refuse('reason_needed') : accept(to);
}

/** Which form of the templates below minutes were opened with; a change that older minutes cannot follow raises it. */
export const templateVersion = 1;

type Template = { questions: readonly Question[]; sip: boolean };
const everyQuestion: Template = { questions, sip: false };

/** What the minutes of a kind ask about. Questions asked in the request come besides. */
const templates: Record<MeetingKind, Template> = {
  reconciliation: everyQuestion,
  follow_up: everyQuestion,
  joint_assessment: everyQuestion,
  multi_party: everyQuestion,
  closing: { questions: ['responsibility'], sip: false },
  // HSL 16:4 and SoL 10:8 say what a SIP states; whether somebody can work is not its question.
  sip: { questions: ['measures', 'activity', 'responsibility'], sip: true },
};

export const attendances = ['present', 'part', 'remote', 'absent'] as const;
export const overallParties = ['region', 'kommun'] as const;
export const textCap = 4_000;

/** `codes`: the only values, beside an empty one. */
export type FieldRule = { name: string; type: 'text' | 'date' | 'code'; codes?: readonly string[] };
const text = (name: string): FieldRule => ({ name, type: 'text' });

/** What a template needs to know about the meeting it is for. */
export type TemplateFacts = {
  kind: MeetingKind;
  participantIds: readonly string[];
  /** The standard questions that the request asked. */
  asked: readonly Question[];
  ownQuestion: string;
};

/** A question's code, or `own_question`: the one somebody put in their own words. */
export type QuestionCode = Question | 'own_question';

/** The questions of a meeting: first those that were asked, then the rest of the template. */
export function questionsOf({ kind, asked, ownQuestion }: TemplateFacts): { code: QuestionCode; asked: boolean }[] {
  const rest = templates[kind].questions.filter((code) => !asked.includes(code));
  return [
    ...asked.map((code) => ({ code, asked: true })),
    ...(ownQuestion ? [{ code: 'own_question' as const, asked: true }] : []),
    ...rest.map((code) => ({ code, asked: false })),
  ];
}

export const attendanceField = (participantId: string): string => `attendance-${participantId}`;
export const saidField = (code: QuestionCode): string => `question-${code}-said`;
export const agreedField = (code: QuestionCode): string => `question-${code}-agreed`;

/** Every field that the minutes of a meeting have, by name, in the order of the page. No other name is saved. */
export function fieldsOf(facts: TemplateFacts): Map<string, FieldRule> {
  const rules: FieldRule[] = [
    ...facts.participantIds.map((id): FieldRule => ({ name: attendanceField(id), type: 'code', codes: attendances })),
    text('planGoal'),
    text('subGoals'),
    ...questionsOf(facts).flatMap(({ code }) => [text(saidField(code)), text(agreedField(code))]),
    ...['canDo', 'cannotDo', 'ownWords', 'notAgreed', 'takenAway'].map(text),
    ...(templates[facts.kind].sip
      ? [text('sipNeeds'), { name: 'sipOverall', type: 'code', codes: overallParties } satisfies FieldRule]
      : [
          text('employerPlan'),
          { name: 'rehabilitation', type: 'code', codes: rehabilitationAnswers } satisfies FieldRule,
        ]),
    text('otherNeeded'),
    { name: 'followUpDate', type: 'date' },
    text('followUpPurpose'),
  ];
  return new Map(rules.map((rule) => [rule.name, rule]));
}

/** What was typed into a field, normalised. Refuses `tooLong`, `date`, `choice`, `unreadable`. */
export function checkField(rule: FieldRule, typed: string): Decision<string> {
  const value = normaliseText(typed);
  if (value === '') return accept('');
  if (rule.type === 'date' && parseDate(value) === null) return refuse('date');
  if (rule.type === 'code' && !rule.codes?.includes(value)) return refuse('choice');
  if (!isReadable(value)) return refuse('unreadable');
  return characters(value) > textCap ? refuse('tooLong') : accept(value);
}

/** One field as it is saved. Version 0 and no text: nobody has written in it yet. */
export type FieldState = { text: string; version: number };
/** `was`: fingerprint of the text the writer's page was opened with, when the page says so. */
export type FieldChange = { field: string; text: string; baseVersion: number; was?: string };

/** Tells whether a field's text is still the one a page was opened with, without sending the text along. */
export const fingerprint = (value: string): string => sha256(value).slice(0, 16);

/**
 * What saving a field comes to. `same`: it already says so, or the writer did not touch it, whoever else did.
 * `conflict`: somebody wrote in between, and neither text may be lost.
 */
export function compareField(current: FieldState, change: FieldChange): 'same' | 'write' | 'conflict' {
  if (change.text === current.text || change.was === fingerprint(change.text)) return 'same';
  return change.baseVersion === current.version ? 'write' : 'conflict';
}

export type Minutes = {
  id: string;
  meetingId: string;
  state: MinutesState;
  version: number;
  openedAt: IsoInstant;
};

export type SavedField = FieldState & { by: string; at: IsoInstant };
export const unwritten: SavedField = { text: '', version: 0, by: '', at: '' };

/** Everything minutes consist of, with their meeting. */
export type MinutesFacts = {
  minutes: Minutes;
  meeting: Meeting;
  participants: Participant[];
  template: TemplateFacts;
  fields: Map<string, SavedField>;
  measures: Measure[];
};

/** Who can carry out or follow up a measure: those who take part first, then everybody else, but no interpreter. */
export function measureParties(participants: readonly { party: Party }[]): { here: Party[]; others: Party[] } {
  const present = new Set<Party>([...participants.map(({ party }) => party), 'FK']);
  const all = partyCodes.filter((code) => code !== 'TOLK');
  return { here: all.filter((code) => present.has(code)), others: all.filter((code) => !present.has(code)) };
}

/** What minutes say as they stand, in the form they are filed in; measures are numbered after the case's last one. */
export function contentOf(
  facts: MinutesFacts,
  filed: {
    position: number;
    lastNumber: number;
    finalisedAt: IsoInstant;
    finalisedBy: string;
    reason: string;
    noFollowUpReason: string;
  },
): MinutesContent {
  const { meeting, fields } = facts;
  const texts = [...fieldsOf(facts.template).values()]
    .filter(({ name }) => !name.startsWith('attendance-'))
    .map(({ name }) => [name, fields.get(name)?.text ?? ''] as const)
    .filter(([, written]) => written !== '');
  const asksOwn = texts.some(([name]) => name.startsWith('question-own_question-'));
  return {
    document: {
      kind: 'minutes',
      number: `${meeting.caseNumber}-${filed.position}`,
      position: filed.position,
      templateVersion,
      caseNumber: meeting.caseNumber,
      finalisedAt: filed.finalisedAt,
      finalisedBy: filed.finalisedBy,
      reviewLeftOut: filed.reason,
      noFollowUpReason: fields.get('followUpDate')?.text ? '' : filed.noFollowUpReason,
    },
    individual: { name: meeting.individual.name, number: meeting.individual.number },
    meeting: {
      id: meeting.id,
      kind: meeting.kind,
      purpose: meeting.purpose,
      unit: meeting.unit.name,
      startsAt: meeting.startsAt,
      endsAt: meeting.endsAt,
      heldAt: meeting.heldAt,
      placeKind: meeting.placeKind,
    },
    participants: facts.participants.map(({ id, party, person }) => ({
      party,
      name: person.name,
      title: person.title,
      organisation: person.organisation,
      attendance: fields.get(attendanceField(id))?.text || null,
    })),
    texts: { ...Object.fromEntries(texts), ...(asksOwn && { ownQuestion: facts.template.ownQuestion }) },
    measures: facts.measures.map((measure, i) => ({
      id: measure.id,
      number: measure.number ?? filed.lastNumber + i + 1,
      text: measure.text,
      goal: measure.goal,
      carriedOutBy: measure.carriedOutBy,
      person: measure.person,
      followedUpBy: measure.followedUpBy,
      due: measure.due,
      kind: measure.kind,
      start: measure.start,
      followUpOn: measure.followUpOn,
    })),
  };
}

/** A heading and its texts, as minutes are read: on the page, on paper. `own`: the person's own words, set off. */
export type OutlineText = { label: string; text: string; own?: boolean };
export type OutlineSection = { heading: string; question?: string; texts: OutlineText[] };

/**
 * The texts of minutes in the order they are read; what nobody wrote leaves no heading. `heading` and `label` are text
 * keys, a label may be empty; an own question brings its own words in `question`.
 */
export function outline(kind: MeetingKind, texts: Readonly<Record<string, string>>): OutlineSection[] {
  const written = (label: string, field: string, own = false): OutlineText[] =>
    texts[field] ? [{ label, text: texts[field], own }] : [];
  const all: QuestionCode[] = [...questions, 'own_question'];
  const sections: OutlineSection[] = [
    {
      heading: 'plan.goalTitle',
      texts: [...written('', 'planGoal', true), ...written('plan.subGoals', 'subGoals')],
    },
    ...all.map((code) => ({
      heading: code === 'own_question' ? 'min.ownQuestion' : `question.${code}`,
      ...(code === 'own_question' && { question: texts.ownQuestion ?? '' }),
      texts: [...written('min.said', saidField(code)), ...written('min.agreed', agreedField(code))],
    })),
    {
      heading: 'min.ability',
      texts: [...written('min.works', 'canDo'), ...written('min.worksNot', 'cannotDo')],
    },
    { heading: 'min.ownWords', texts: written('', 'ownWords', true) },
    { heading: 'min.notAgreed', texts: written('', 'notAgreed') },
    { heading: 'min.field.takenAway', texts: written('', 'takenAway') },
    { heading: 'min.field.sipNeeds', texts: written('', 'sipNeeds') },
    { heading: 'min.field.employerPlan', texts: written('', 'employerPlan') },
    {
      heading: templates[kind].sip ? 'min.field.otherNeeded.sip' : 'min.field.otherNeeded',
      texts: written('', 'otherNeeded'),
    },
  ];
  return sections.filter((section) => section.texts.length > 0);
}
