import { canonicalJson, sha256 } from '../../../kernel/digest.ts';
import type { Party } from '../../../kernel/parties.ts';
import { formatDate, type IsoDate, type IsoInstant, stockholmDate } from '../../../kernel/time.ts';
import type { MeetingKind, PlaceKind } from '../../meeting/rules.ts';

/** Looks up a text of views/text, for what is pure and prints words. */
export type Translate = (key: string, params?: Readonly<Record<string, unknown>>) => string;

/** What finalised minutes hold: codes, ISO dates and instants, and the texts as they were typed. */
export type MinutesContent = {
  document: {
    kind: DocumentKind;
    number: string;
    position: number;
    templateVersion: number;
    caseNumber: string;
    finalisedAt: IsoInstant;
    finalisedBy: string;
    /** Why nobody reviewed the text before it was locked. */
    reviewLeftOut: string;
    noFollowUpReason: string;
    /** From when to when everybody could say whether the text is right; missing when nobody was asked. */
    review?: { releasedAt: IsoInstant; lastDay: IsoDate; answers: string[] };
    /** Of an amendment: number of the document that it refers to, and why. */
    amends?: string;
    reason?: string;
  };
  individual: { name: string; number: string | null };
  meeting: {
    id: string;
    kind: MeetingKind;
    purpose: string;
    unit: string;
    startsAt: IsoInstant | null;
    endsAt: IsoInstant | null;
    heldAt: IsoInstant | null;
    placeKind: PlaceKind | null;
  };
  participants: {
    party: Party;
    name: string;
    title: string;
    organisation: string /** Code of states.md; null when nobody noted it. */;
    attendance: string | null;
    /** Sections that whoever was there for part of the meeting was there for; missing where that is not noted. */
    parts?: string[];
    /** What they said about the text; missing when nobody was asked. */
    answer?: ReviewWord;
  }[];
  /** Field name of the template → text; empty ones are left out. */
  texts: Record<string, string>;
  /** Questions that somebody takes away; missing in template version 1, where they are a text. */
  taken?: Taken[];
  measures: MeasureContent[];
  /** What somebody said is not right, or wanted to add, and that was not settled. */
  objections?: Objection[];
};

export const documentKinds = ['minutes', 'amendment'] as const;
export type DocumentKind = (typeof documentKinds)[number];

/** `silent` is not a yes; `partly`: some sections approved, the rest unanswered; `not_asked`: may read nothing, or was not there. */
export type ReviewWord = {
  state: 'approved' | 'partly' | 'objected' | 'silent' | 'not_asked';
  at: IsoInstant | null;
  via: 'own' | 'phone' | 'letter' | null;
};

/** `section`: a code of the template's, `participants` or `agreed_measures`. */
export type Objection = {
  kind: 'objected' | 'added';
  party: Party;
  name: string;
  organisation: string;
  section: string;
  at: IsoInstant;
  text: string;
  instead: string;
  /** The officer's words; empty when the objection was read and left. */
  answer: string;
};

/** What somebody said about the text, in words. */
export const wordText = ({ state, at }: ReviewWord, t: Translate): string =>
  t(`app.state.${state}`, at === null ? {} : { date: formatDate(stockholmDate(at)) });

/** What stands of what was said about the text, each with the officer's answer, as it is printed. */
export const objectionTexts = (objections: readonly Objection[], t: Translate): { label: string; text: string }[] =>
  objections.flatMap(({ kind, name, organisation, section, at, text, instead, answer }) => {
    const date = formatDate(stockholmDate(at));
    const about = t('app.objection.about', { kind: t(`app.said.${kind}`), section: t(`min.section.${section}`), date });
    const who = [...new Set([name, organisation])].filter(Boolean).join(', ');
    return [
      { label: `${who}: ${about}`, text },
      ...(instead ? [{ label: t('app.objection.instead', { name }), text: instead }] : []),
      { label: t('app.answer'), text: answer || t('app.noAnswer') },
    ];
  });

/** A question that is no measure: who takes it with them, and where. */
export type Taken = { question: string; by: string; where: string };

/** What sort of measure it is, in the words that meetings use (domain.md A3, F); a help to find it again, and no decision. */
export const measureKinds = [
  ...(['adaptation', 'redeployment', 'part_time', 'work_training', 'education', 'rehabilitation'] as const),
  ...(['support', 'investigation', 'contact', 'other'] as const),
] as const;
export type MeasureKind = (typeof measureKinds)[number];

/** What later versions added may be missing in what was filed before. */
export type MeasureContent = {
  id: string;
  number: number;
  text: string;
  goal: string;
  carriedOutBy: Party;
  person: string;
  followedUpBy: Party | null;
  due: IsoDate | null;
  kind?: MeasureKind | null;
  start?: IsoDate | null;
  followUpOn?: IsoDate | null;
};

/** What was put where a correction took a text away: its own salted hash, and who answers for it. */
export type Removal = { correction: string; on: IsoDate; salt: string; hash: string };
/** `hash` is of the text that was sealed first. Without its salt, which goes with the text, nobody can guess the text. */
export type SectionProof = { salt: string; hash: string } | { salt: null; hash: string; removed: Removal };
export type Proof = { sections: Record<string, SectionProof>; previousHash: string; hash: string };
export type Sealed<C> = C & Proof;

/** What the first document of a case follows. */
export const noPrevious = '0'.repeat(64);

/** One section is each entry of each part of the content, named `part.entry`; its text is the entry's canonical JSON. */
export function sectionsOf(content: object): { name: string; text: string }[] {
  return Object.entries(content).flatMap(([part, entries]) =>
    Object.entries(entries as object).map(([entry, value]) => ({
      name: `${part}.${entry}`,
      text: canonicalJson(value ?? null),
    })),
  );
}

export const sectionHash = (salt: string, text: string): string => sha256(`${salt}\n${text}`);

/** Binds every section by name to the document before. It needs only the hashes, so a text can go and the proof stay. */
export function documentHash(sections: Readonly<Record<string, { hash: string }>>, previousHash: string): string {
  const hashes = Object.fromEntries(Object.entries(sections).map(([name, { hash }]) => [name, hash]));
  return sha256(canonicalJson({ previousHash, sections: hashes }));
}

/** The content with its proof. `newSalt` yields another salt each time. */
export function sealContent<C extends object>(content: C, previousHash: string, newSalt: () => string): Sealed<C> {
  const sections: Record<string, SectionProof> = {};
  for (const { name, text } of sectionsOf(content)) {
    const salt = newSalt();
    sections[name] = { salt, hash: sectionHash(salt, text) };
  }
  return { ...content, sections, previousHash, hash: documentHash(sections, previousHash) };
}

/** Whether every text that is left is the one that was sealed, none was added, and the document's hash is right. */
export function verifyDocument(sealed: Sealed<object>): boolean {
  const { sections, previousHash, hash, ...content } = sealed;
  const present = sectionsOf(content);
  if (present.length !== Object.keys(sections).length) return false;
  for (const { name, text } of present) {
    const proof = sections[name];
    if (!proof) return false;
    const { salt, hash: own } = proof.salt === null ? proof.removed : proof;
    if (sectionHash(salt, text) !== own) return false;
  }
  return documentHash(sections, previousHash) === hash;
}

/**
 * The document with `content` in place of its own, by a correction: each section that differs loses its salt and keeps
 * its hash, so that the document's hash, and the chain, stay as they are. Both hold the same sections.
 */
export function removeFromDocument<C extends object>(
  { sections, previousHash, hash }: Sealed<C>,
  content: C,
  by: { correction: string; on: IsoDate },
  newSalt: () => string,
): Sealed<C> {
  const proofs: Record<string, SectionProof> = {};
  for (const { name, text } of sectionsOf(content)) {
    const proof = sections[name] as SectionProof;
    const standing = proof.salt === null ? proof.removed : proof;
    if (sectionHash(standing.salt, text) === standing.hash) {
      proofs[name] = proof;
    } else {
      const salt = newSalt();
      proofs[name] = { salt: null, hash: proof.hash, removed: { ...by, salt, hash: sectionHash(salt, text) } };
    }
  }
  return { ...content, sections: proofs, previousHash, hash };
}

/** The sections that corrections have taken text from. */
export function removalsIn({ sections }: Pick<Proof, 'sections'>): Record<string, Removal> {
  return Object.fromEntries(
    Object.entries(sections).flatMap(([name, proof]) => (proof.salt === null ? [[name, proof.removed]] : [])),
  );
}

/** The latest day on which something was taken out of it, or null. */
export const correctedOn = (sealed: Pick<Proof, 'sections'>): IsoDate | null =>
  Object.values(removalsIn(sealed)).reduce<IsoDate | null>((last, { on }) => (last && last > on ? last : on), null);

/**
 * The text that a document's seal is over: its place in the chain, what corrections have done to it, and what stands
 * beside it in its row.
 */
export function textToSeal(
  filed: { hash: string; previousHash: string },
  removals: Record<string, Removal>,
  row: object = {},
): string {
  const corrected = Object.keys(removals).length > 0 ? canonicalJson(removals) : '';
  const beside = Object.keys(row).length > 0 ? canonicalJson(row) : '';
  return `${filed.hash}${filed.previousHash}${corrected}${beside}`;
}

/** Verifies a case's documents, oldest first: each by itself, and each following the one before. */
export function verifyChain(documents: readonly Sealed<object>[]): boolean {
  return documents.every(
    (one, i) => one.previousHash === (documents[i - 1]?.hash ?? noPrevious) && verifyDocument(one),
  );
}

/** A document as it lies in the database. What could not be opened is null. */
export type Filed = {
  id: string;
  caseId: string;
  position: number;
  hash: string;
  previousHash: string;
  /** Whether the seal is this installation's, over these two hashes. */
  sealed: boolean;
  content: Sealed<object> | null;
  /** The data that the file carries inside. */
  attached: unknown;
  /** Its sections that approved corrections have taken text from, each with the corrections. */
  approved: Readonly<Record<string, readonly string[]>>;
};

/** Ids of what was said about the text of a document before it was filed. */
export const answersIn = ({ content }: Pick<Filed, 'content'>): string[] =>
  (content as Partial<MinutesContent> | null)?.document?.review?.answers ?? [];

export type DocumentFault = 'text' | 'hash' | 'seal' | 'chain' | 'file' | 'removal';

/**
 * What is wrong with a document: a text is not the one that was sealed, the hashes beside it are not its own, the seal
 * is not ours, it does not follow `before` (the one before it in the whole of the archive), the file is not its own,
 * or what was taken out of it is not what approved corrections took.
 */
export function faultsOf(filed: Filed, before: Pick<Filed, 'caseId' | 'position' | 'hash'> | null): DocumentFault[] {
  const { content } = filed;
  const previous = before?.caseId === filed.caseId ? before : { position: 0, hash: noPrevious };
  const holds: Record<DocumentFault, boolean> = {
    text: content !== null && verifyDocument(content),
    hash: content === null || (content.hash === filed.hash && content.previousHash === filed.previousHash),
    seal: filed.sealed,
    chain: filed.position === previous.position + 1 && filed.previousHash === previous.hash,
    file: content === null || canonicalJson(filed.attached) === canonicalJson(content),
    removal: content === null || removalsAreApproved(removalsIn(content), filed.approved),
  };
  return (Object.keys(holds) as DocumentFault[]).filter((fault) => !holds[fault]);
}

const removalsAreApproved = (removals: Record<string, Removal>, approved: Filed['approved']): boolean =>
  Object.keys(removals).length === Object.keys(approved).length &&
  Object.entries(removals).every(([name, { correction }]) => approved[name]?.includes(correction));

/** `2026/000012-3` is a number people write; a file name has no slash and no person's name. */
export const fileName = (kind: string, number: string, extension: 'pdf' | 'json'): string =>
  `${kind}-${number.replace(/[^A-Za-z0-9]+/g, '-')}.${extension}`;
