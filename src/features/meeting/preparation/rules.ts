import { canonicalJson, sha256 } from '../../../kernel/digest.ts';
import type { Party } from '../../../kernel/parties.ts';
import { characters } from '../../../kernel/text.ts';
import type { IsoInstant } from '../../../kernel/time.ts';
import { type MeetingState, mayArrange, type Participant } from '../rules.ts';

/** The person's own fields; `notDiscuss` is for the officer and never shared. Everybody else sends one text. */
export const sharedFields = ['want', 'canManage', 'canGet'] as const;
export const personFields = [...sharedFields, 'notDiscuss'] as const;
export type SharedField = (typeof sharedFields)[number];
export type PreparationField = (typeof personFields)[number] | 'text';
export const fieldsOf = (party: Party): readonly PreparationField[] => (party === 'PERSON' ? personFields : ['text']);
export const isShared = (field: PreparationField): field is SharedField =>
  (sharedFields as readonly string[]).includes(field);

/** Who reads a field beside the officer: nobody, everybody at the meeting, or those whom the person has chosen. */
export const audiences = ['officer', 'all', 'chosen'] as const;
export type Audience = (typeof audiences)[number];
/** `readers`: ids of participants; counts for `chosen` alone. */
export type Share = { audience: Audience; readers: readonly string[] };
export const unshared: Share = { audience: 'officer', readers: [] };

export type Via = 'link' | 'account' | 'phone' | 'letter';
export const notedVias = ['phone', 'letter'] as const;
/** One text as it came. `by`: who wrote it down, signed in; null by a link. */
export type Piece = { text: string; at: IsoInstant; via: Via; by: string | null };
/** A field of one participant: its texts, oldest first, and with whom they are shared. */
export type Preparation = { participantId: string; field: PreparationField; pieces: readonly Piece[]; share: Share };
export const empty = (participantId: string, field: PreparationField): Preparation => ({
  ...{ participantId, field, pieces: [], share: unshared },
});

export const textOf = ({ pieces }: Pick<Preparation, 'pieces'>): string => pieces.map(({ text }) => text).join('\n\n');

/** Preparing goes on until the minutes are final: while they are written, what is shared can still be taken back. */
export const mayPrepare = (state: MeetingState): boolean => mayArrange(state) || state === 'held';

/**
 * Whether another participant reads what the person shares. Nobody who has been removed or to whom the person says no,
 * whatever was chosen before, and only who is invited; and nobody once the meeting is called off or its minutes final.
 */
export const mayReadShared = (
  reader: Pick<Participant, 'id' | 'party' | 'view' | 'removedAt' | 'sentSequence'>,
  { audience, readers }: Share,
  state: MeetingState,
): boolean =>
  mayPrepare(state) &&
  reader.party !== 'PERSON' &&
  reader.removedAt === null &&
  reader.view !== 'no' &&
  reader.sentSequence !== null &&
  (audience === 'all' || (audience === 'chosen' && readers.includes(reader.id)));

/** Whom the person can choose among. */
export const mayBeChosen = (one: Pick<Participant, 'party' | 'view' | 'removedAt'>): boolean =>
  one.party !== 'PERSON' && one.party !== 'FK' && one.view !== 'no' && one.removedAt === null;

const sameShare = (a: Share, b: Share): boolean =>
  a.audience === b.audience && a.readers.toSorted().join() === b.readers.toSorted().join();

/** What both let read. */
export function narrower(a: Share, b: Share): Share {
  if (a.audience === 'all') return b;
  if (b.audience === 'all') return a;
  if (a.audience === 'officer' || b.audience === 'officer') return unshared;
  return { audience: 'chosen', readers: a.readers.filter((id) => b.readers.includes(id)) };
}

/**
 * How a text comes. `own`: from somebody who sees what stands, and changes it. `link`: from somebody who does not, so
 * that it is added, and never shared with more than before. `noted`: what the person said, added by the officer, who
 * does not edit the person's words.
 */
export type Way = 'own' | 'link' | 'noted';
export type PreparationChange = {
  field: PreparationField;
  text: string;
  /** Null where the form did not ask. */
  share: Share | null;
  /** `printOf` what the page showed, where it says so. */
  seen: string;
};

/** Tells whether a field is as a page showed it, without sending the text along. */
export const printOf = ({ pieces, share }: Pick<Preparation, 'pieces' | 'share'>): string =>
  sha256(canonicalJson([pieces.map(({ text }) => text), share])).slice(0, 16);

export const textCap = 600;
/** How much may come unseen, before whoever writes must look at what stands. */
const addedCap = 5 * textCap;

/** What becomes of a field: its texts replaced by one (or by none), one added, a new share. Null leaves as it was. */
export type Written = { replace: string | null; add: string | null; share: Share | null };

/**
 * Refuses `changed_by_someone_else` to whoever changes what they have not seen, `full` when too much has been added.
 */
export function write(
  standing: Preparation,
  { text, share, seen }: PreparationChange,
  way: Way,
): { ok: true; value: Written } | { ok: false; code: 'changed_by_someone_else' | 'full' } {
  const now = textOf(standing);
  if (way === 'own') {
    const same = text === now && (share === null || sameShare(share, standing.share));
    if (!same && seen !== printOf(standing) && seen !== '') return { ok: false, code: 'changed_by_someone_else' };
    return { ok: true, value: { replace: text === now ? null : text, add: null, share } };
  }
  if (text === '') return { ok: true, value: { replace: null, add: null, share: way === 'noted' ? share : null } };
  if (characters(now) + characters(text) > addedCap) return { ok: false, code: 'full' };
  const kept = share && way === 'link' && standing.pieces.length > 0 ? narrower(standing.share, share) : share;
  return { ok: true, value: { replace: null, add: text, share: kept } };
}

/** Something that the person asks to have done in another way. To ask is not to refuse (JO 1959-2019). */
export type Adaptation = Piece & {
  id: string;
  answer: string;
  answeredAt: IsoInstant | null;
  answeredBy: string | null;
};
export const unanswered = <A extends Pick<Adaptation, 'answeredAt'>>(asked: readonly A[]): A[] =>
  asked.filter(({ answeredAt }) => answeredAt === null);

/** Something that the officer means to bring, and what the person says. */
export type Paper = {
  id: string;
  title: string;
  version: number;
  answer: 'yes' | 'no' | null;
  answeredAt: IsoInstant | null;
  answeredVia: Via | null;
};
export const paperAnswers = ['yes', 'no'] as const;
export const mostPapers = 20;
/** Fields of the form for as many as are listed at a time. */
export const newTitles = ['title0', 'title1', 'title2'] as const;

export type Before = { preparations: Preparation[]; adaptations: Adaptation[]; papers: Paper[] };

/** A field of somebody's, whether anything stands in it or not. */
export const find = (all: readonly Preparation[], participantId: string, field: PreparationField): Preparation =>
  all.find((one) => one.participantId === participantId && one.field === field) ?? empty(participantId, field);

/** What may be said at the meeting, apart from what is for the officer alone. */
export function beside(participants: readonly Participant[], before: Before) {
  const person = participants.find(({ party }) => party === 'PERSON');
  const own = (field: PreparationField) => find(before.preparations, person?.id ?? '', field);
  const told = (fields: readonly PreparationField[], among: (share: Share) => boolean) =>
    fields.flatMap((field) => {
      const { pieces, share } = own(field);
      if (pieces.length === 0 || !among(share)) return [];
      const readers = participants.filter(({ id }) => share.readers.includes(id)).map((one) => one.person.name);
      return { field, pieces, readers: share.audience === 'chosen' ? readers.join(', ') : '' };
    });
  const sent = participants.flatMap(({ id, party, person: { name } }) => {
    const { pieces } = find(before.preparations, id, 'text');
    return pieces.length === 0 ? [] : { name, party, pieces };
  });
  const forAll = told(sharedFields, ({ audience }) => audience === 'all');
  const forOfficer = told(sharedFields, ({ audience }) => audience !== 'all');
  const { adaptations, papers } = before;
  const notDiscuss = own('notDiscuss').pieces;
  return {
    ...{ forAll, forOfficer, notDiscuss: textOf({ pieces: notDiscuss }), sent, adaptations, papers },
    alone: forOfficer.length + notDiscuss.length + sent.length + adaptations.length > 0,
    nothing:
      forAll.length + forOfficer.length + notDiscuss.length + sent.length + adaptations.length + papers.length === 0,
  };
}

/** How far it has come, for who may see the meeting and not what was written. `texts`: how many have sent something. */
export type Tally = { texts: number; asked: number; papers: readonly Pick<Paper, 'answer'>[] };

export const tally = ({ texts, asked, papers }: Tally) => {
  const count = (answer: Paper['answer']) => papers.filter((one) => one.answer === answer).length;
  return { texts, asked, papers: papers.length, yes: count('yes'), no: count('no'), silent: count(null) };
};

/** What is known of what somebody has sent without reading it. `papers`: how many wait for the person's yes or no. */
export type Signs = { sentAt: IsoInstant | null; answeredAt: IsoInstant | null; papers: number };
