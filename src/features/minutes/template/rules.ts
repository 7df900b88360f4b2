import type { InformationKind } from '../../../kernel/information.ts';
import type { Party } from '../../../kernel/parties.ts';
import type { MeetingKind } from '../../meeting/rules.ts';
import { rehabilitationAnswers } from '../../plan/law/rules.ts';
import type { Question } from '../../request/rules.ts';

/**
 * What the minutes of each kind of meeting ask about: data, in versions. Minutes keep the version they were opened with,
 * so a version is never changed: a change is a new one. Labels, headings, helps and wordings are text keys.
 */

/** A question's code, or `own_question`: the one somebody put in their own words. */
export type QuestionCode = Question | 'own_question';
export type SectionCode =
  | QuestionCode
  | ('goal' | 'since_last' | 'ability' | 'assessment' | 'reflection' | 'own_words' | 'not_agreed')
  | ('employer_plan' | 'rehabilitation' | 'taken_away' | 'sip' | 'other' | 'agreed_measures' | 'follow_up');

/** Kinds of information that a text needs a yes for: every one of them. */
export type Kinds = readonly InformationKind[];

/** Whom a section concerns; null: everybody at the meeting. Whoever is there for the person is always concerned. */
const beside: readonly Party[] = ['PERSON', 'FK', 'NARST', 'VH', 'FORETR', 'STOD', 'TOLK'];
const care: readonly Party[] = ['PV', 'SPEC', 'SLUTV', 'REKO', 'KHSL', 'TAND', 'FHV'];
export const concerns: Readonly<Record<'everyone' | 'job' | 'support' | 'principals', readonly Party[] | null>> = {
  everyone: null,
  job: [...beside, 'ARBG', 'FACK', 'AF', 'AME', 'FHV', 'REKO'],
  support: [...beside, ...care, 'SOC', 'SIS', 'KRIM', 'AF', 'AME', 'SAMF'],
  principals: [...beside, ...care, 'SOC', 'AME', 'SKOLA'],
};
export type Concern = keyof typeof concerns;

export type TemplateField = {
  name: string;
  type: 'text' | 'line' | 'date' | 'code';
  label: string;
  kinds: Kinds;
  help?: string;
  /** The only values, beside an empty one; each has a text in the family. */
  codes?: readonly string[];
  family?: string;
  /** The person's own words: set off, and never worded beforehand. */
  own?: true;
  /** Never shared, whatever anybody has said yes to. */
  withheld?: true;
  /** Standard wordings to insert. */
  wordings?: readonly string[];
};

export type Section = {
  code: SectionCode;
  heading: string;
  /** A question is folded; `further` ones share a heading; `aside` is there for who wants it. */
  place: 'open' | 'question' | 'further' | 'aside';
  concerns: Concern;
  fields: readonly TemplateField[];
  help?: string;
};

export const overallParties = ['region', 'kommun'] as const;
export const saidField = (code: QuestionCode): string => `question-${code}-said`;
export const agreedField = (code: QuestionCode): string => `question-${code}-agreed`;

/** What somebody wrote in free words about no question in particular: nobody knows beforehand what it touches. */
const anything: Kinds = ['work', 'measures', 'health', 'social'];

type More = Partial<TemplateField>;
const text = (name: string, label: string, kinds: Kinds, more: More = {}): TemplateField => ({
  ...{ name, type: 'text', label, kinds },
  ...more,
});
const section = (
  code: SectionCode,
  heading: string,
  place: Section['place'],
  fields: readonly TemplateField[],
  more: Partial<Section> = {},
): Section => ({ code, heading, place, concerns: 'everyone', fields, ...more });

/** A question's kinds; `said` is what led to what was agreed, and can go further. */
const questionKinds: Record<QuestionCode, { said: Kinds; agreed: Kinds }> = {
  part_time: { said: ['work'], agreed: ['work'] },
  adaptation: { said: ['work'], agreed: ['work'] },
  work_training: { said: ['work'], agreed: ['work'] },
  activity: { said: ['work'], agreed: ['work'] },
  change_of_employer: { said: ['work'], agreed: ['work'] },
  // Why a support is needed is told by what one is ill of; which one was agreed on is not.
  measures: { said: ['measures', 'health'], agreed: ['measures'] },
  responsibility: { said: ['measures'], agreed: ['measures'] },
  own_question: { said: anything, agreed: anything },
};

type Asked = { concerns?: Concern; help?: string; wordings?: readonly string[]; fields?: readonly TemplateField[] };
function question(code: QuestionCode, { concerns = 'everyone', help, wordings, fields = [] }: Asked = {}): Section {
  const { said, agreed } = questionKinds[code];
  const answers = [
    text(saidField(code), 'min.said', said),
    text(agreedField(code), 'min.agreed', agreed, { ...(wordings && { wordings }) }),
  ];
  const heading = code === 'own_question' ? 'min.ownQuestion' : `question.${code}`;
  return section(code, heading, 'question', [...answers, ...fields], { concerns, ...(help && { help }) });
}

type Version = {
  /** Every question that can be asked, in the order it is read. */
  questions: readonly Section[];
  /** Of each kind: what it asks before the questions, which of them, and what after. */
  kinds: Record<MeetingKind, { before: readonly Section[]; asks: readonly Question[]; after: readonly Section[] }>;
  /** Whether who was there for part of the meeting is noted section by section. */
  parts: boolean;
};

const goal = section('goal', 'plan.goalTitle', 'open', [
  text('planGoal', 'min.field.planGoal', ['measures'], { own: true, help: 'min.field.planGoal.help' }),
]);
const ability = section('ability', 'min.ability', 'open', [
  // The form asks for what works, and not for why.
  text('canDo', 'min.works', ['work'], { help: 'min.health.hint' }),
  text('cannotDo', 'min.worksNot', ['work'], { help: 'min.health.hint' }),
]);
const ownWords = section('own_words', 'min.ownWords', 'further', [
  text('ownWords', 'min.ownWords', anything, { own: true, help: 'min.field.ownWords.help' }),
]);
const sip = section(
  'sip',
  'min.field.sipNeeds',
  'further',
  [
    // What region and kommun each do is care and social services (HSL 16:4, SoL 10:8).
    text('sipNeeds', 'min.field.sipNeeds', ['health', 'social']),
    text('sipOverall', 'min.field.sipOverall', ['measures'], {
      ...{ type: 'code', codes: overallParties, family: 'min.sipOverall' },
    }),
  ],
  { concerns: 'principals' },
);
const other = section('other', 'min.field.otherNeeded', 'further', [
  text('otherNeeded', 'min.field.otherNeeded', ['measures'], { help: 'min.field.otherNeeded.help' }),
]);
const otherSip = section('other', 'min.field.otherNeeded.sip', 'further', [
  text('otherNeeded', 'min.field.otherNeeded.sip', ['measures']),
]);
const followUp = (wordings?: readonly string[]): Section =>
  section(
    'follow_up',
    'plan.followUp',
    'open',
    [
      text('followUpDate', 'min.field.followUpDate', ['measures'], { type: 'date' }),
      text('followUpPurpose', 'min.field.followUpPurpose', ['measures'], { ...(wordings && { wordings }) }),
    ],
    { help: 'min.followUp.help' },
  );

// Version 1

const notAgreed1 = section('not_agreed', 'min.notAgreed', 'further', [text('notAgreed', 'min.notAgreed', anything)]);
const takenAway1 = section('taken_away', 'min.field.takenAway', 'further', [
  text('takenAway', 'min.field.takenAway', ['measures'], { help: 'min.field.takenAway.help' }),
]);
const work: readonly Question[] = ['part_time', 'adaptation', 'measures', 'work_training', 'activity'];
const all1: readonly Question[] = [...work, 'change_of_employer', 'responsibility'];
const after1 = [ability, ownWords, notAgreed1, takenAway1, other, followUp()];
const usual1 = { before: [goal], asks: all1, after: after1 };
const version1: Version = {
  questions: [...all1, 'own_question' as const].map((code) => question(code)),
  kinds: {
    ...{ reconciliation: usual1, follow_up: usual1, joint_assessment: usual1, multi_party: usual1 },
    closing: { ...usual1, asks: ['responsibility'] },
    // HSL 16:4 and SoL 10:8 say what a SIP states; whether somebody can work is not its question.
    sip: {
      before: [goal],
      asks: ['measures', 'activity', 'responsibility'],
      after: [ability, ownWords, notAgreed1, takenAway1, sip, otherSip, followUp()],
    },
  },
  parts: false,
};

// Version 2: work training and activities in detail, resources and obstacles, a list of questions taken away, and who
// was there for what.

const questions2: readonly Section[] = [
  question('part_time', {
    concerns: 'job',
    help: 'min.help.part_time',
    wordings: ['min.wording.partTime', 'min.wording.partTimeTry', 'min.wording.partTimeNot'],
  }),
  question('adaptation', {
    concerns: 'job',
    help: 'min.help.adaptation',
    wordings: ['min.wording.adaptation', 'min.wording.adaptationLook'],
  }),
  question('measures', {
    concerns: 'support',
    help: 'min.help.measures',
    wordings: ['min.wording.measures', 'min.wording.measuresNot'],
  }),
  question('work_training', {
    help: 'min.help.work_training',
    wordings: ['min.wording.training', 'min.wording.trainingNot'],
    fields: [
      text('question-work_training-level', 'min.field.trainingLevel', ['work'], {
        ...{ help: 'min.field.trainingLevel.help', wordings: ['min.wording.trainingLevel'] },
      }),
      text('question-work_training-conditions', 'min.field.trainingConditions', ['work'], {
        help: 'min.field.trainingConditions.help',
        wordings: ['min.wording.trainingMentor', 'min.wording.trainingStop'],
      }),
    ],
  }),
  question('activity', {
    help: 'min.help.activity',
    fields: [
      text('question-activity-try', 'min.field.activityTry', ['work'], { wordings: ['min.wording.activityTry'] }),
      text('question-activity-avoid', 'min.field.activityAvoid', ['work'], { help: 'min.health.hint' }),
      text('question-activity-adapt', 'min.field.activityAdapt', ['work'], { wordings: ['min.wording.activityAdapt'] }),
    ],
  }),
  question('change_of_employer', {
    concerns: 'job',
    help: 'min.help.change_of_employer',
    wordings: ['min.wording.changeNot', 'min.wording.changeLook'],
  }),
  question('responsibility', {
    help: 'min.help.responsibility',
    wordings: ['min.wording.responsibility', 'min.wording.responsibilityCall'],
  }),
  question('own_question'),
];

const goal2 = section('goal', 'plan.goalTitle', 'open', [
  ...goal.fields,
  text('subGoals', 'min.field.subGoals', ['measures'], { help: 'min.field.subGoals.help' }),
]);
const employerPlan = section(
  'employer_plan',
  'min.field.employerPlan',
  'further',
  [text('employerPlan', 'min.field.employerPlan', ['work'], { help: 'min.field.employerPlan.help' })],
  { concerns: 'job' },
);
/** SFB 30 kap. 12 §: whether it is a rehabilitation plan; FK's own assessment. */
const rehabilitation = section('rehabilitation', 'min.field.rehabilitation', 'further', [
  text('rehabilitation', 'min.field.rehabilitation', ['measures'], {
    ...{ type: 'code', codes: rehabilitationAnswers, family: 'min.rehabilitation' },
    ...{ help: 'min.field.rehabilitation.help', withheld: true },
  }),
]);

const sinceLast = section('since_last', 'min.field.sinceLast', 'open', [
  text('sinceLast', 'min.field.sinceLast', ['measures'], { help: 'min.field.sinceLast.help' }),
]);

/**
 * SASSAM's areas (domain.md A3). Substance use, diagnoses and history are left out: nobody is asked for them (GDPR art. 9),
 * and motivation is only what the person says.
 */
const assessed: Record<string, Kinds> = {
  body: ['health'],
  mind: ['health'],
  stress: ['health'],
  social: ['social'],
  work: ['work'],
  education: ['work'],
  leisure: ['social', 'health'],
  network: ['social', 'health'],
};
const assessment = section(
  'assessment',
  'min.assessment',
  'aside',
  [
    ...Object.entries(assessed).flatMap(([area, kinds]) => [
      text(`assessment-${area}-resource`, `min.area.${area}.resource`, kinds),
      text(`assessment-${area}-obstacle`, `min.area.${area}.obstacle`, kinds),
    ]),
    text('assessment-motivation', 'min.area.motivation', anything, { own: true, help: 'min.area.motivation.help' }),
  ],
  { concerns: 'support', help: 'min.assessment.help' },
);
const reflection = section('reflection', 'min.field.reflection', 'further', [
  text('reflection', 'min.field.reflection', anything, { help: 'min.field.reflection.help' }),
]);
const notAgreed2 = section('not_agreed', 'min.notAgreed', 'further', [
  text('notAgreed', 'min.notAgreed', anything, { help: 'min.notAgreed.help', wordings: ['min.wording.notAgreed'] }),
]);

/** Rows of questions taken away: what, who takes it, and where. */
export const takenRows = Array.from({ length: 12 }, (_, i) => i + 1);
export const takenParts = ['question', 'by', 'where'] as const;
export const takenField = (row: number, part: (typeof takenParts)[number]): string => `taken-${row}-${part}`;
const takenAway2 = section(
  'taken_away',
  'min.field.takenAway',
  'open',
  takenRows.flatMap((row) =>
    takenParts.map((part) =>
      text(takenField(row, part), `min.taken.${part}`, ['measures'], part === 'question' ? {} : { type: 'line' }),
    ),
  ),
  { help: 'min.taken.help' },
);

const ending2 = [followUp(['min.wording.followUp', 'min.wording.followUpSame'])];
const further2 = [ability, assessment, ownWords, notAgreed2];
const usual2 = {
  before: [goal2],
  asks: all1,
  after: [...further2, employerPlan, rehabilitation, other, takenAway2, ...ending2],
};
const version2: Version = {
  questions: questions2,
  kinds: {
    reconciliation: usual2,
    multi_party: usual2,
    follow_up: { ...usual2, before: [sinceLast, goal2] },
    // With time to reflect, and no plan decided beforehand (product.md).
    joint_assessment: {
      before: [assessment, goal2],
      asks: ['work_training', 'activity', 'measures', 'adaptation', 'change_of_employer', 'responsibility'],
      after: [ability, ownWords, notAgreed2, reflection, employerPlan, rehabilitation, other, takenAway2, ...ending2],
    },
    closing: {
      before: [sinceLast, goal2],
      asks: ['responsibility'],
      after: [ability, ownWords, notAgreed2, employerPlan, rehabilitation, other, takenAway2, ...ending2],
    },
    sip: {
      before: [goal2],
      asks: ['measures', 'activity', 'responsibility'],
      after: [ability, ownWords, notAgreed2, sip, otherSip, takenAway2, ...ending2],
    },
  },
  parts: true,
};

const versions = [version1, version2];
/** The version that minutes are opened with today. */
export const templateVersion = versions.length;

/** Of which version, for which kind of meeting. */
export type TemplateName = { version: number; kind: MeetingKind };

function versionOf(version: number): Version {
  const found = versions[version - 1];
  if (!found) throw new Error(`no template version ${version}`);
  return found;
}

/** Its sections with all questions that can be asked, in the order that minutes are read. */
export function sectionsOf({ version, kind }: TemplateName): Section[] {
  const { questions, kinds } = versionOf(version);
  return [...kinds[kind].before, ...questions, ...kinds[kind].after];
}

/** The questions that the kind asks whoever asked for the meeting. */
export const asksOf = ({ version, kind }: TemplateName): readonly Question[] => versionOf(version).kinds[kind].asks;

/** Whether attendance is noted section by section. */
export const notesParts = ({ version }: Pick<TemplateName, 'version'>): boolean => versionOf(version).parts;

/** The section and the field of a name; null for one that the template does not have. */
export function placeOf(template: TemplateName, name: string): { section: Section; field: TemplateField } | null {
  for (const section of sectionsOf(template)) {
    const field = section.fields.find((one) => one.name === name);
    if (field) return { section, field };
  }
  return null;
}

/** The same in whatever template has it, the newest first. */
export const everyPlaceOf = (name: string): ReturnType<typeof placeOf> =>
  versions
    .flatMap((one, i) => Object.keys(one.kinds).map((kind) => ({ version: i + 1, kind: kind as MeetingKind })))
    .reverse()
    .reduce<ReturnType<typeof placeOf>>((found, template) => found ?? placeOf(template, name), null);

/** Whether a section concerns somebody of that party. */
export const isConcerned = ({ concerns: whom }: Pick<Section, 'concerns'>, party: Party): boolean =>
  concerns[whom]?.includes(party) ?? true;
