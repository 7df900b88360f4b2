import type { FieldErrors, FieldValues } from '../../../kernel/fields.ts';
import { characters } from '../../../kernel/text.ts';
import {
  audiences,
  type Before,
  beside,
  fieldsOf,
  find,
  isShared,
  mayBeChosen,
  mayPrepare,
  mostPapers,
  newTitles,
  notedVias,
  type Paper,
  type Preparation,
  paperAnswers,
  personFields,
  printOf,
  textCap,
  textOf,
  unanswered,
} from '../../meeting/preparation/rules.ts';
import type { Meeting, Participant } from '../../meeting/rules.ts';

export type Form = { values: FieldValues; errors: FieldErrors };
/** The form that came back, and which of a page's it is. */
export type Posted = { of: 'text' | 'adaptation' | 'answer' | 'papers' | 'said'; form: Form; changed: boolean } | null;
const nothing: Form = { values: {}, errors: {} };

/** Whether what stands is in the form, to be changed; else what is typed is added. */
type Shown = { shown: boolean; readers: readonly Participant[]; posted: Form | null };

/** One field as its form shows it. `theirs`: what stands, where somebody else wrote while this was typed. */
function box(standing: Preparation, { shown, readers, posted }: Shown, changed: boolean) {
  const { field } = standing;
  const text = textOf(standing);
  const print = printOf(standing);
  const typedOn = String(posted?.values[`seen-${field}`] ?? print);
  return {
    name: field,
    label: field === 'text' ? 'inv.prep.text' : `prep.${field}`,
    help: field === 'text' ? 'inv.prep.help' : `prep.${field}.help`,
    cap: shown ? Math.max(textCap, characters(text)) : textCap,
    seen: shown ? (changed ? print : typedOn) : '',
    theirs: changed && typedOn !== print ? text : '',
    shared: isShared(field),
    audience: `${field}Audience`,
    chosenBy: `${field}Readers`,
    open: standing.share.audience === 'chosen' || posted?.errors[`${field}Readers`] !== undefined,
    readers: readers.map(({ id, person }) => ({
      value: id,
      label: [person.name, person.organisation].filter(Boolean).join(', '),
    })),
  };
}

/** What the fields of somebody's form begin with. By a link it says nothing of what stands. */
function valuesOf(standing: readonly Preparation[], shown: boolean): FieldValues {
  return Object.fromEntries(
    standing.flatMap((one) => [
      [one.field, shown ? textOf(one) : ''],
      [`${one.field}Audience`, one.share.audience],
      [`${one.field}Readers`, [...one.share.readers]],
    ]),
  );
}

/** The fields of one participant, for a form. */
function boxes(all: readonly Preparation[], one: Pick<Participant, 'id' | 'party'>, shown: Shown, changed: boolean) {
  const standing = fieldsOf(one.party).map((field) => find(all, one.id, field));
  const { posted } = shown;
  return {
    boxes: standing.map((each) => box(each, shown, changed)),
    form: { errors: posted?.errors ?? {}, values: { ...valuesOf(standing, shown.shown), ...posted?.values } },
    audiences,
  };
}

const latest = (all: readonly Preparation[]): string | null =>
  all
    .flatMap(({ pieces }) => pieces.map(({ at }) => at))
    .sort()
    .at(-1) ?? null;

/** Where a participant writes to the officer: by link nothing of what they have sent is shown, signed in all of it. */
export function sendingPage(
  meeting: Meeting,
  one: Participant,
  options: {
    path: string;
    /** What they have written, where they are signed in; else null. */
    own: readonly Preparation[] | null;
    sentAt: string | null;
    posted: Posted;
  },
) {
  const { path, own, posted } = options;
  const changed = posted?.changed ?? false;
  const shown = { shown: own !== null, readers: [], posted: posted?.of === 'text' ? posted.form : null };
  return {
    ...{ path, changed },
    signedIn: own !== null,
    isPerson: one.party === 'PERSON',
    meetingId: meeting.id,
    sentAt: own === null ? options.sentAt : latest(own),
    open: mayPrepare(meeting.state),
    ...boxes(own ?? [], one, shown, changed),
    adaptationForm: posted?.of === 'adaptation' ? posted.form : nothing,
    summary: posted?.form ?? nothing,
    officerName: meeting.officer.name,
    phone: meeting.officer.phone,
  };
}

type Facts = {
  meeting: Meeting;
  participants: readonly Participant[];
  before: Before;
  /** What the request asks to have answered. */
  questions: readonly string[];
  ownQuestion: string;
};

/** Every meeting has its person. */
const personAmong = (participants: readonly Participant[]): Pick<Participant, 'id' | 'party'> =>
  participants.find(({ party }) => party === 'PERSON') ?? { id: '', party: 'PERSON' };

/** The person's own page. */
export function personPage(facts: Facts, posted: Posted) {
  const { meeting, participants, before } = facts;
  const person = personAmong(participants);
  const readers = participants.filter(mayBeChosen);
  const text = posted?.of === 'text' ? posted.form : null;
  return {
    meeting,
    questions: facts.questions,
    ownQuestion: facts.ownQuestion,
    open: mayPrepare(meeting.state),
    changed: posted?.changed ?? false,
    summary: posted?.form ?? nothing,
    ...boxes(before.preparations, person, { shown: true, readers, posted: text }, posted?.changed ?? false),
    standing: personFields.flatMap((field) => {
      const text = textOf(find(before.preparations, person.id, field));
      return text === '' ? [] : [{ field, text }];
    }),
    savedAt: latest(before.preparations.filter(({ participantId }) => participantId === person.id)),
    adaptations: before.adaptations,
    adaptationForm: posted?.of === 'adaptation' ? posted.form : nothing,
    papers: answering(before.papers),
    papersForm: saidForm(before.papers, posted),
    paperAnswers,
  };
}

const answering = (papers: readonly Paper[]) => papers.map((paper) => ({ ...paper, field: `paper-${paper.id}` }));

function saidForm(papers: readonly Paper[], posted: Posted): Form {
  const standing = Object.fromEntries(papers.map(({ id, answer }) => [`paper-${id}`, answer ?? '']));
  const form = posted?.of === 'said' && !posted.changed ? posted.form : nothing;
  return { errors: form.errors, values: { ...standing, ...form.values } };
}

/**
 * The officer's page: what has come, what to answer, and what to note of what the person says on the telephone: one
 * form at a time, the one that is `asked` for.
 */
export function officerPage(facts: Facts, posted: Posted, asked: string) {
  const { meeting, participants, before } = facts;
  const person = personAmong(participants);
  const of = (name: NonNullable<Posted>['of']) => (posted?.of === name ? posted.form : nothing);
  const waiting = unanswered(before.adaptations);
  const titles = Object.fromEntries(before.papers.map(({ id, title }) => [`title-${id}`, title]));
  const papers = of('papers');
  const readers = participants.filter(mayBeChosen);
  const text = posted?.of === 'text' ? posted.form : null;
  return {
    meeting,
    open: mayPrepare(meeting.state),
    changed: posted?.changed ?? false,
    summary: posted?.form ?? nothing,
    beside: beside(participants, before),
    waiting,
    seen: waiting.at(-1)?.id ?? '',
    answerForm: of('answer'),
    papersForm: { errors: papers.errors, values: { ...titles, ...papers.values } },
    listed: before.papers.map(({ id, version }) => ({ id, version, name: `title-${id}` })),
    added: newTitles.slice(0, mostPapers - before.papers.length),
    papers: answering(before.papers),
    saidForm: saidForm(before.papers, posted),
    paperAnswers,
    noting: posted?.of ?? asked,
    notes: [...(before.papers.length > 0 ? ['said'] : []), 'adaptation', 'text'],
    noted: boxes(before.preparations, person, { shown: false, readers, posted: text }, false),
    adaptationForm: of('adaptation'),
    vias: notedVias,
  };
}
