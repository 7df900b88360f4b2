import type { FieldErrors, FieldValues } from '../../kernel/fields.ts';
import type { Party } from '../../kernel/parties.ts';
import { characters } from '../../kernel/text.ts';
import { correctedOn, type MinutesContent, measureKinds, type Sealed } from '../filing/document/rules.ts';
import { type Before, beside } from '../meeting/preparation/rules.ts';
import { lawCheck, planTypeOf, rehabilitationAnswers } from '../plan/law/rules.ts';
import { type PlanDocument, type PlanVersion, planVersions } from '../plan/version/rules.ts';
import {
  agreedField,
  attendanceField,
  attendances,
  type FieldState,
  fieldsOf,
  fingerprint,
  type MinutesFacts,
  measureParties,
  outline,
  overallParties,
  questionsOf,
  saidField,
  textCap,
} from './rules.ts';

/** What a post came to, when its page is shown again. */
export type Outcome = {
  posted: FieldValues;
  conflicts: readonly string[];
  /** Field name → refusal code. */
  errors: Readonly<Record<string, string>>;
  measureErrors: FieldErrors;
  /** The measure in the form was not saved, so what was typed stays. */
  measureFailed: boolean;
  /** The measure in the form was saved, so the browser forgets its copy. */
  measureSaved: boolean;
};
const nothing: Outcome = {
  posted: {},
  conflicts: [],
  errors: {},
  measureErrors: {},
  measureFailed: false,
  measureSaved: false,
};

type Form = { values: FieldValues; errors: FieldErrors };

/** One field as the page shows it: its version, and what somebody else wrote when that differs. */
type Box = {
  name: string;
  label: string;
  help: string;
  rows: number;
  /** The version that the text shown was written on. */
  version: number;
  /**
   * The hidden version field: number and fingerprint of the text. In a conflict it is the other text's, which is shown
   * beside: without scripts, saving again is the choice.
   */
  stamp: string;
  theirs: { text: string; by: string } | null;
  /** What the field shows is not what is saved. */
  unsaved: boolean;
};

const boxLabels: Record<string, string> = {
  canDo: 'min.works',
  cannotDo: 'min.worksNot',
  ownWords: 'min.ownWords',
  notAgreed: 'min.notAgreed',
};
const boxHelp: Record<string, string> = {
  canDo: 'min.health.hint',
  cannotDo: 'min.health.hint',
  ownWords: 'min.field.ownWords.help',
  planGoal: 'min.field.planGoal.help',
  subGoals: 'min.field.subGoals.help',
  employerPlan: 'min.field.employerPlan.help',
  rehabilitation: 'min.field.rehabilitation.help',
  takenAway: 'min.field.takenAway.help',
  otherNeeded: 'min.field.otherNeeded.help',
};
const measureLabels: Record<string, string> = {
  text: 'plan.measure',
  carriedOutBy: 'plan.owner',
  person: 'min.measure.person',
  followedUpBy: 'plan.followedBy',
  due: 'plan.due',
  goal: 'plan.goal',
  kind: 'plan.kind',
  start: 'plan.start',
  followUpOn: 'plan.followUpOn',
};

/**
 * The page an officer writes on while the meeting runs. `before`: what was said before it, for who may read that;
 * `editing`: the measure that is open in the form.
 */
export function writePage(
  facts: MinutesFacts,
  before: Before | null,
  editing: string | null,
  outcome: Outcome = nothing,
) {
  const { meeting, fields, template, participants } = facts;
  const rules = fieldsOf(template);
  const kept = (name: string) => outcome.conflicts.includes(name) || name in outcome.errors;
  const state = (name: string): FieldState => fields.get(name) ?? { text: '', version: 0 };
  const sip = rules.has('sipNeeds');

  const box = (name: string, label = boxLabels[name] ?? `min.field.${name}`): Box => {
    const { text, version } = state(name);
    const saved = fields.get(name);
    const stamp = `${version}.${fingerprint(text)}`;
    const written = kept(name) ? ([outcome.posted[`version-${name}`]].flat()[0] ?? '0') : stamp;
    return {
      name,
      label,
      help: sip && name === 'otherNeeded' ? '' : (boxHelp[name] ?? ''),
      rows: 3,
      version: Number(written.split('.')[0]) || 0,
      stamp: outcome.conflicts.includes(name) ? stamp : written,
      theirs: outcome.conflicts.includes(name) && saved ? { text: saved.text, by: saved.by } : null,
      unsaved: kept(name),
    };
  };

  const form: Form = { values: {}, errors: {} };
  for (const name of rules.keys()) {
    const posted = [outcome.posted[name]].flat()[0] ?? '';
    form.values[name] = kept(name) ? posted : state(name).text;
    const code = outcome.errors[name];
    if (code) form.errors[name] = { code, params: { over: characters(posted) - textCap } };
    else if (outcome.conflicts.includes(name)) form.errors[name] = { code: 'conflict' };
  }

  const open = facts.measures.find(({ id }) => id === editing);
  const typed = outcome.measureFailed;
  const measureForm: Form = { values: {}, errors: {} };
  for (const [name, label] of Object.entries(measureLabels)) {
    measureForm.values[name] = typed ? (outcome.posted[name] ?? '') : String(open?.[name as keyof typeof open] ?? '');
    const error = outcome.measureErrors[name];
    if (error) measureForm.errors[name] = { code: error.code, params: { ...error.params, label } };
  }

  const questions = questionsOf(template).map(({ code, asked }, i) => {
    const said = box(saidField(code), 'min.said');
    const agreed = box(agreedField(code), 'min.agreed');
    const written =
      agreed.name in form.values && form.values[agreed.name] ? 'agreed' : form.values[said.name] ? 'said' : 'empty';
    return {
      code,
      own: code === 'own_question' ? template.ownQuestion : '',
      state: written,
      // The one in focus is open; the others wait folded with their state.
      open: asked || i === 0 || kept(said.name) || kept(agreed.name),
      asked,
      said,
      agreed,
    };
  });

  return {
    meeting: { ...heading(facts), purpose: meeting.purpose },
    before: before && beside(participants, before),
    form,
    summary: { values: {}, errors: { ...form.errors, ...measureForm.errors } },
    conflicts: outcome.conflicts.length > 0 || (typed && Object.keys(outcome.measureErrors).length === 0),
    attendance: participants.map(({ id, party, person }) => ({
      ...box(attendanceField(id), ''),
      party,
      person: [person.name, person.organisation].filter(Boolean).join(', '),
    })),
    attendances,
    goal: box('planGoal'),
    subGoals: box('subGoals'),
    questions,
    ability: [box('canDo'), box('cannotDo')],
    further: ['ownWords', 'notAgreed', 'takenAway'].map((name) => box(name)),
    sip: sip ? { needs: box('sipNeeds'), overall: box('sipOverall') } : null,
    overallParties,
    fk: sip ? null : { employerPlan: box('employerPlan'), rehabilitation: box('rehabilitation') },
    rehabilitationAnswers,
    measureKinds,
    otherNeeded: box('otherNeeded', sip ? 'min.field.otherNeeded.sip' : undefined),
    followUpDate: box('followUpDate'),
    followUpPurpose: box('followUpPurpose'),
    measures: facts.measures,
    measureForm,
    measureMore: ['kind', 'start', 'followUpOn'].some((name) => measureForm.values[name] || name in measureForm.errors),
    measureSaved: outcome.measureSaved,
    parties: partyGroups(participants),
    editing: open ? { id: open.id, version: open.version } : null,
  };
}

function heading({ meeting }: MinutesFacts) {
  return {
    id: meeting.id,
    caseId: meeting.caseId,
    caseNumber: meeting.caseNumber,
    kind: meeting.kind,
    individual: meeting.individual.name,
    startsAt: meeting.startsAt,
    endsAt: meeting.endsAt,
  };
}

/** Minutes as they are read, finalised or not. `reader`: what the page may offer whoever reads. */
export function readPage(
  content: MinutesContent | Sealed<MinutesContent>,
  state: 'draft' | 'review' | 'finalised',
  reader: { self: boolean; caseId: string; maySeeMeeting: boolean; tooLate: boolean },
) {
  return {
    ...reader,
    state,
    finalised: state === 'finalised',
    document: content.document,
    corrected: 'sections' in content ? (correctedOn(content) ?? '') : '',
    meeting: content.meeting,
    individual: content.individual.name,
    participants: content.participants,
    sections: outline(content.meeting.kind, content.texts).map((section) => ({ question: '', ...section })),
    sipOverall: content.texts.sipOverall ?? '',
    rehabilitation: content.texts.rehabilitation ?? '',
    measures: content.measures.map((one) => ({ kind: null, start: null, followUpOn: null, ...one })),
    followUpDate: content.texts.followUpDate ?? '',
    followUpPurpose: content.texts.followUpPurpose ?? '',
  };
}

/** Parties for a select: those at the meeting before the others. */
function partyGroups(participants: MinutesFacts['participants']) {
  const { here, others } = measureParties(participants);
  return [
    { group: 'min.parties.here', options: here },
    { group: 'min.parties.others', options: others },
  ];
}

/**
 * The page that asks before minutes are locked: what happens, what is missing, why. `planned`: what the plan will be made
 * of, these minutes last.
 */
export function finalisePage(facts: MinutesFacts, planned: readonly PlanDocument[], form: Form, changed: boolean) {
  const text = (name: string) => facts.fields.get(name)?.text ?? '';
  const { texts, measures } = planVersions(planned).at(-1) as PlanVersion;
  const type = planTypeOf(texts.kind, texts.rehabilitation);
  const law = lawCheck(type, { ...texts, measures });
  return {
    meeting: heading(facts),
    form,
    changed,
    measures: facts.measures.length,
    followUpDate: text('followUpDate'),
    reviewed: facts.minutes.state === 'review',
    noAttendance: facts.participants
      .filter(({ id }) => text(attendanceField(id)) === '')
      .map(({ party, person }): { party: Party; name: string } => ({ party, name: person.name })),
    planType: type,
    lawMissing: law.filter(({ present }) => !present).map(({ code }) => code),
  };
}

/** What was typed after the minutes were locked, so that it can be copied: nothing anybody typed is thrown away. */
export function lateTexts(facts: MinutesFacts, posted: FieldValues): { name: string; text: string }[] {
  const fields = [...fieldsOf(facts.template).values()].filter(({ type }) => type === 'text');
  return [...fields, { name: 'text' }, { name: 'goal' }]
    .map(({ name }) => ({ name, text: ([posted[name]].flat()[0] ?? '').trim() }))
    .filter(({ name, text }) => text !== '' && text !== (facts.fields.get(name)?.text ?? ''));
}
