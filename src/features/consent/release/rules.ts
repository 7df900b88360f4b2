import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { canonicalJson, sha256 } from '../../../kernel/digest.ts';
import type { InformationKind } from '../../../kernel/information.ts';
import { type Party, parties } from '../../../kernel/parties.ts';
import type { IsoDate, IsoInstant } from '../../../kernel/time.ts';
import { type CaseParty, partyNameOf, sameParty } from '../../case/party/rules.ts';
import {
  fileName,
  type MeasureContent,
  type MinutesContent,
  type Objection,
  type Taken,
} from '../../filing/document/rules.ts';
import type { MeetingKind } from '../../meeting/rules.ts';
import { templateOf } from '../../minutes/rules.ts';
import { type Kinds, placeOf, type SectionCode, sectionsOf, type TemplateName } from '../../minutes/template/rules.ts';
import type { PlanData } from '../../plan/rules.ts';
import { type Consent, mayShare } from '../rules.ts';

/** The kinds of what stands in no template; those of every other text are in features/minutes/template/rules.ts. */
const purposeKinds: Kinds = ['measures'];
const measureKinds: Kinds = ['measures'];
const takenKinds: Kinds = ['measures'];

const care: readonly Party[] = ['PV', 'SPEC', 'SLUTV', 'KHSL', 'REKO', 'TAND', 'FHV'];
const social: readonly Party[] = ['SOC', 'SIS', 'KRIM', 'NARST', 'VH', 'FORETR', 'STOD'];
/** Who is around the person. That somebody goes to a clinic is about their health (OSL 25:1), to social services about more. */
const participantKinds = (party: Party): Kinds =>
  care.includes(party) ? ['contact', 'health'] : social.includes(party) ? ['contact', 'social'] : ['contact'];

export type CopyParticipant = Omit<MinutesContent['participants'][number], 'parts'>;
/** What stands of what was said about the text, and who said it. */
export type CopyObjection = Objection;
/** What later versions added may be missing in copies that were made before. */
export type CopyMeasure = Omit<MeasureContent, 'id'> & {
  /** As it stood when a plan was copied; null in minutes, which say what was agreed. */
  status: string | null;
};

/** What can be copied out of a document, before anything is chosen. Nothing else of the document is known from here on. */
export type Source = {
  of: 'minutes' | 'plan';
  caseNumber: string;
  individual: string;
  /** Kind of the meeting; of a plan, of the meeting it was last agreed at. */
  kind: MeetingKind;
  templateVersion: number;
  meeting: { startsAt: IsoInstant | null; endsAt: IsoInstant | null; heldAt: IsoInstant | null } | null;
  asOf: IsoDate | IsoInstant;
  participants: CopyParticipant[];
  texts: Readonly<Record<string, string>>;
  taken: Taken[];
  measures: CopyMeasure[];
  objections: CopyObjection[];
  /** Of each text, and of `taken` and each measure by its part's name: the meeting where it was said. */
  said: Readonly<Record<string, Said>>;
};
/** Who was at a meeting, and the template that its minutes were written with. */
type Said = { template: TemplateName; participants: MinutesContent['participants'] };
const saidAt = (content: MinutesContent): Said => ({
  template: templateOf(content),
  participants: content.participants,
});

export function sourceOfMinutes(content: MinutesContent): Source {
  const { document, meeting, individual } = content;
  const { kind, startsAt, endsAt, heldAt } = meeting;
  return {
    of: 'minutes',
    caseNumber: document.caseNumber,
    individual: individual.name,
    kind,
    templateVersion: templateOf(content).version,
    meeting: { startsAt, endsAt, heldAt },
    asOf: document.finalisedAt,
    participants: content.participants.map(({ parts, ...one }) => one),
    texts: { purpose: meeting.purpose, ...content.texts },
    taken: content.taken ?? [],
    measures: content.measures.map(({ id, ...measure }) => ({ ...measure, status: null })),
    objections: content.objections ?? [],
    said: Object.fromEntries(
      [
        ...Object.keys(content.texts).map((field) => partName('texts', field)),
        ...(content.taken ?? []).map((_, i) => partName('taken', i)),
        ...content.measures.map((_, i) => partName('measures', i)),
        ...(content.objections ?? []).map((_, i) => partName('objections', i)),
      ].map((name) => [name, saidAt(content)]),
    ),
  };
}

/** `minutes`: those that the plan is built from, oldest first. */
export function sourceOfPlan(plan: PlanData, minutes: readonly MinutesContent[]): Source {
  const texts = {
    planGoal: plan.goal,
    subGoals: plan.subGoals.map(({ text }) => text).join('\n'),
    employerPlan: plan.employerPlan,
    ownWords: plan.ownWords,
    sipNeeds: plan.sipNeeds,
    sipOverall: plan.sipOverall,
    otherNeeded: plan.otherNeeded,
    followUpDate: plan.followUp.date ?? '',
    followUpPurpose: plan.followUp.purpose,
  };
  const latest = minutes.at(-1);
  const from = (field: string) =>
    field.startsWith('followUp') ? latest : minutes.findLast((one) => one.texts[field] !== undefined);
  const agreedAt = (meetingId: string) => minutes.find(({ meeting }) => meeting.id === meetingId);
  const origins = [
    ...Object.keys(texts).map((field) => [partName('texts', field), from(field)] as const),
    ...plan.measures.map(({ meetingId }, i) => [partName('measures', i), agreedAt(meetingId)] as const),
  ];
  return {
    of: 'plan',
    caseNumber: plan.document.caseNumber,
    individual: plan.individual.name,
    kind: plan.document.builtFrom.at(-1)?.kind as MeetingKind,
    templateVersion: latest ? templateOf(latest).version : 1,
    meeting: null,
    asOf: plan.document.asOf,
    participants: [],
    texts: Object.fromEntries(Object.entries(texts).filter(([, text]) => text !== '')),
    measures: plan.measures.map((one) => ({
      number: one.number,
      text: one.text,
      goal: one.goal,
      carriedOutBy: one.carriedOutBy,
      person: one.person,
      followedUpBy: one.followedUpBy,
      due: one.due,
      kind: one.kind,
      start: one.start,
      followUpOn: one.followUpOn,
      status: one.status,
    })),
    taken: [],
    objections: [],
    said: Object.fromEntries(origins.flatMap(([name, content]) => (content ? [[name, saidAt(content)]] : []))),
  };
}

/** Other grounds than a yes, by paragraph of OSL; `authority`: only to another authority. */
export const grounds = {
  duty: { paragraph: '10:28', authority: true },
  general_clause: { paragraph: '10:27', authority: true },
  necessary: { paragraph: '10:2', authority: false },
  no_harm: { paragraph: '28:1', authority: false },
} as const satisfies Record<string, { paragraph: string; authority: boolean }>;
export type GroundCode = keyof typeof grounds;
export const groundCodes = Object.keys(grounds) as GroundCode[];
/** A ground holds for one kind, and the officer says in words why. */
export type Ground = { kind: InformationKind; code: GroundCode; text: string };

/** Always private; of the others some are an authority, and the officer knows which. */
const privateParties: readonly Party[] = ['NARST', 'VH', 'FORETR', 'STOD', 'FACK', 'FHV'];
export const groundsFor = (party: Party): GroundCode[] =>
  groundCodes.filter((code) => !grounds[code].authority || !privateParties.includes(party));

/** Not bound by secrecy themselves: to these a reservation can be made (OSL 10:14, 12:2). */
export const mayReserve = (party: Party): boolean => parties[party].secrecy === null;

/** One thing that an officer can look at and take away. `name`: as in the copy's proofs, `texts.canDo`, `measures.0`. */
export type Part = {
  name: string;
  kinds: Kinds;
  why: InformationKind[];
  /** It was said while nobody of the party was there. */
  missed: boolean;
};
export const isAllowed = ({ why, missed }: Part): boolean => why.length === 0 && !missed;

const partName = (
  list: 'participants' | 'texts' | 'taken' | 'measures' | 'objections',
  entry: string | number,
): string => [list, entry].join('.');

/**
 * The parts of a source, in the order they are read, each with the kinds that neither a yes nor a ground covers. A text
 * that its template does not have is never shared: why nobody reviewed, why no follow-up was booked, what owners
 * reported, what the law asks of the plan.
 */
export function partsOf(
  source: Source,
  receiver: CaseParty,
  consents: readonly Consent[],
  named: readonly Pick<Ground, 'kind'>[],
  today: IsoDate,
): Part[] {
  const part = (name: string, kinds: Kinds, missed = false): Part => ({
    name,
    kinds,
    why: kinds.filter(
      (kind) => !named.some((ground) => ground.kind === kind) && !mayShare(consents, receiver.id, kind, today).may,
    ),
    missed,
  });
  /** Whoever was there for part of the meeting was not there for the rest of it, whatever they may know. */
  const missed = (said: Said | undefined, section: SectionCode): boolean => {
    const own = said?.participants.filter((one) => isOf(one, receiver)) ?? [];
    return own.length > 0 && own.every(({ parts }) => parts !== undefined && !parts.includes(section));
  };
  return [
    ...source.participants.flatMap((one, i) =>
      isOwn(one, receiver) ? [] : [part(partName('participants', i), participantKinds(one.party))],
    ),
    ...Object.keys(source.texts).flatMap((field) => {
      const name = partName('texts', field);
      if (field === 'purpose') return [part(name, purposeKinds)];
      const said = source.said[name];
      const place = said && placeOf(said.template, field);
      return place && !place.field.withheld ? [part(name, place.field.kinds, missed(said, place.section.code))] : [];
    }),
    ...source.taken.map((_, i) => {
      const name = partName('taken', i);
      return part(name, takenKinds, missed(source.said[name], 'taken_away'));
    }),
    ...source.measures.map(({ carriedOutBy, followedUpBy }, i) => {
      const name = partName('measures', i);
      // Whoever is to do something is told what.
      const theirs = [carriedOutBy, followedUpBy].includes(receiver.party);
      return part(name, measureKinds, !theirs && missed(source.said[name], 'agreed_measures'));
    }),
    ...source.objections.map((one, i) => {
      const name = partName('objections', i);
      if (isOf(one, receiver)) return part(name, []);
      const said = source.said[name];
      const kinds = new Set([...participantKinds(one.party), ...sectionKinds(said, one.section)]);
      return part(name, [...kinds], one.section !== 'participants' && missed(said, one.section as SectionCode));
    }),
  ];
}

/** What an objection can be about: anything that its section holds. */
function sectionKinds(said: Said | undefined, section: string): Kinds {
  if (section === 'participants') return ['contact', 'health', 'social'];
  if (section === 'agreed_measures') return measureKinds;
  const found = said && sectionsOf(said.template).find(({ code }) => code === section);
  return found?.fields.flatMap(({ kinds }) => kinds) ?? ['work', 'measures', 'health', 'social'];
}

const isOf = (one: Pick<CopyParticipant, 'party' | 'name' | 'organisation'>, receiver: CaseParty): boolean =>
  sameParty([receiver], one.party, partyNameOf(one)) !== undefined;

/** The receiver knows that they were there, and FK's officer is who tells them. */
const isOwn = (one: CopyParticipant, receiver: CaseParty): boolean => one.party === 'FK' || isOf(one, receiver);

/** What a party gets: nothing in it tells that there was more. Measures count from one, whatever their number is. */
export type Copy = {
  document: {
    kind: 'copy';
    of: 'minutes' | 'plan';
    number: string;
    caseNumber: string;
    asOf: IsoDate | IsoInstant;
    releasedAt: IsoInstant;
    releasedBy: string;
    unit: string;
    phone: string;
    /** Missing in copies that were made before there were several. */
    templateVersion?: number;
    /** What they are told may only be used for what was agreed (OSL 10:14, 12:2). */
    reservation: boolean;
  };
  receiver: { party: Party; organisation: string };
  /** The name: without it a copy can be filed with the wrong person. Never the number, which whoever files it has. */
  individual: { name: string };
  meeting: {
    kind: MeetingKind;
    startsAt: IsoInstant | null;
    endsAt: IsoInstant | null;
    heldAt: IsoInstant | null;
  };
  participants: CopyParticipant[];
  texts: Record<string, string>;
  /** Missing in copies that were made before there were such. */
  taken?: Taken[];
  measures: CopyMeasure[];
  objections?: CopyObjection[];
};

export type Made = Pick<Copy['document'], 'number' | 'releasedAt' | 'releasedBy' | 'unit' | 'phone' | 'reservation'>;

/**
 * The copy of what is allowed and was not taken away. Refuses `nothing_to_release` when no text and no measure is left:
 * a list of those present is no reason to write to anybody.
 */
export function copyOf(
  source: Source,
  receiver: CaseParty,
  allowed: readonly Part[],
  leftOut: readonly string[],
  made: Made,
): Decision<Copy> {
  const names = new Set(allowed.filter((one) => isAllowed(one) && !leftOut.includes(one.name)).map(({ name }) => name));
  const kept = Object.entries(source.texts).filter(([field]) => names.has(partName('texts', field)));
  // A question in somebody's own words goes with its answers, and is nothing without them.
  const own = kept.some(([field]) => field.startsWith('question-own_question-'));
  const texts = Object.fromEntries(own ? [...kept, ['ownQuestion', source.texts.ownQuestion ?? '']] : kept);
  const measures = source.measures
    .filter((_, i) => names.has(partName('measures', i)))
    .map((measure, i) => ({ ...measure, number: i + 1 }));
  const taken = source.taken.filter((_, i) => names.has(partName('taken', i)));
  const objections = source.objections.filter((_, i) => names.has(partName('objections', i)));
  if (kept.length === 0 && taken.length === 0 && measures.length === 0) return refuse('nothing_to_release');
  return accept({
    document: {
      ...{ kind: 'copy', of: source.of, caseNumber: source.caseNumber, asOf: source.asOf },
      ...{ templateVersion: source.templateVersion, ...made },
    },
    receiver: { party: receiver.party, organisation: receiver.organisation },
    individual: { name: source.individual },
    meeting: { kind: source.kind, ...(source.meeting ?? { startsAt: null, endsAt: null, heldAt: null }) },
    participants: source.participants
      .filter((one, i) => isOwn(one, receiver) || names.has(partName('participants', i)))
      // What others answered about the text is between them and FK, but for what stands of it.
      .map(({ answer, ...one }) => (answer && isOf(one, receiver) ? { ...one, answer } : one)),
    texts,
    taken,
    measures,
    ...(objections.length > 0 && { objections }),
  });
}

/** Tells whether what an officer looked at is still what would be released. */
export const fingerprintOf = (source: Source, consent: { id: string } | null): string =>
  sha256(canonicalJson({ source, consent: consent?.id ?? null })).slice(0, 16);

export type ReleaseState = 'made' | 'recalled';

/** states.md "Release". Refuses `not_now` for a copy that is recalled already. */
export const moveRelease = (state: ReleaseState): Decision<ReleaseState> =>
  state === 'made' ? accept('recalled') : refuse('not_now');

export const copyFileName = ({ document }: Copy, extension: 'pdf' | 'json'): string =>
  fileName(document.of === 'plan' ? 'plan' : 'protokoll', document.number, extension);
