import { isSamePerson, type User } from '../../kernel/access.ts';
import { accept, type Decision, refuse } from '../../kernel/decision.ts';
import { canonicalJson, sha256 } from '../../kernel/digest.ts';
import type { Party } from '../../kernel/parties.ts';
import { besideRemovals, removalMark } from '../../kernel/removal.ts';
import { characters } from '../../kernel/text.ts';
import type { IsoDate, IsoInstant } from '../../kernel/time.ts';

/**
 * Guided corrections (product.md 7): `wrong_person` and `too_much_health` take text away wherever it stands in the case,
 * `wrong_recipient` tells somebody who got what was not for them, `misfile` ends a request that came to the wrong place.
 */
export const correctionKinds = ['wrong_person', 'too_much_health', 'wrong_recipient', 'misfile'] as const;
export type CorrectionKind = (typeof correctionKinds)[number];
/** The kinds that are proposed on the page of a case or a request; a request is misfiled by an act of its own. */
export const guidedKinds = ['wrong_person', 'too_much_health', 'wrong_recipient'] as const;
export type GuidedKind = (typeof guidedKinds)[number];
export type CorrectionState = 'proposed' | 'approved' | 'rejected';

/** states.md "Correction (redaction)". A move that is not listed is refused. */
type Decided = 'approved' | 'rejected';
const moves: Record<'approve' | 'reject', Partial<Record<CorrectionState, Decided>>> = {
  approve: { proposed: 'approved' },
  reject: { proposed: 'rejected' },
};

export type Correction = {
  id: string;
  kind: CorrectionKind;
  state: CorrectionState;
  caseId: string | null;
  requestId: string | null;
  reason: string;
  /** What is to be removed; null when nothing is, and when it has been decided. */
  wanted: Wanted | null;
  /** Where text was removed, once it has been approved. */
  places: PlaceName[];
  participantId: string | null;
  sentOn: IsoDate | null;
  proposedAt: IsoInstant;
  proposedBy: { id: string; name: string; role: string };
  answer: string;
  decidedAt: IsoInstant | null;
  decidedByName: string | null;
};

/**
 * The state after a second person's word. Refuses `forbidden` to whoever proposed it: two different people (states.md
 * "Correction"); `manager_needed` when a misfile has not both an officer and a manager (states.md "Request");
 * `changed_by_someone_else` when it has been decided already.
 */
export function decideCorrection(
  correction: Pick<Correction, 'kind' | 'state' | 'proposedBy'>,
  move: 'approve' | 'reject',
  by: Pick<User, 'id' | 'near' | 'role'>,
): Decision<Decided> {
  const { kind, state, proposedBy } = correction;
  if (isSamePerson(by, proposedBy.id)) return refuse('forbidden');
  const to = moves[move][state];
  if (!to) return refuse('changed_by_someone_else');
  const both = [by.role, proposedBy.role];
  if (move === 'approve' && kind === 'misfile' && !(both.includes('officer') && both.includes('manager'))) {
    return refuse('manager_needed');
  }
  return accept(to);
}

/** What holds texts of a case. Documents and released copies hold copies alone, so nothing is picked in them. */
export type Holder =
  | 'request'
  | 'request_move'
  | 'meeting'
  | 'meeting_move'
  | 'talk'
  | 'participant'
  | 'minutes_field'
  | 'review_answer'
  | 'minutes_history'
  | 'measure'
  | 'measure_report'
  | 'goal_note'
  | 'sick_leave'
  | 'closing'
  | 'emergency'
  | 'withholding'
  | 'protection'
  | 'binding'
  | 'case_party'
  | 'consent'
  | 'notice'
  | 'notice_given'
  | 'incoming_mail'
  | 'preparation'
  | 'adaptation'
  | 'paper'
  | Filing;
/** What is filed with a proof: a text that goes leaves its hash. */
export type Filing = 'document' | 'release';
export type PlaceName = { holder: Holder; field: string };
/** One text and where it stands. `path` leads to it in its column, `field` is the last word of it that names a field. */
export type TextAt = PlaceName & { id: string; column: string; path: string; text: string };

export const keyOf = ({ holder, id, path }: Pick<TextAt, 'holder' | 'id' | 'path'>): string =>
  `${holder}/${id}/${path}`;
export const mayPick = ({ holder }: Pick<TextAt, 'holder'>): boolean => holder !== 'document' && holder !== 'release';

/** What somebody wants removed: an exact passage wherever it stands, or without one whole texts and their copies. */
export type Wanted = {
  /** Keys of the texts that were picked. */
  picks: string[];
  /** The passage; or each text that was picked, as it was when it was picked. */
  passages: string[];
  whole: boolean;
};

/** The text in `value` at each of the paths (`a.*.b`), changed; everything else as it was. */
export function mapLeaves(
  value: unknown,
  patterns: readonly string[],
  change: (path: string, text: string) => string,
): unknown {
  const go = (at: unknown, path: string[]): unknown => {
    if (typeof at === 'string')
      return patterns.some((one) => matches(one.split('.'), path)) ? change(path.join('.'), at) : at;
    if (Array.isArray(at)) return at.map((one, i) => go(one, [...path, String(i)]));
    if (at === null || typeof at !== 'object') return at;
    return Object.fromEntries(Object.entries(at).map(([name, one]) => [name, go(one, [...path, name])]));
  };
  return go(value, []);
}

const matches = (pattern: string[], path: string[]): boolean =>
  pattern.length === path.length && pattern.every((part, i) => part === '*' || part === path[i]);

/** A passage as it may have been copied: other white space, other case, and never a part of a word. */
function patternOf(passage: string): RegExp {
  const text = passage.trim();
  const words = text.split(/\s+/).map(RegExp.escape).join('\\s+');
  const before = /^[\p{L}\p{N}]/u.test(text) ? '(?<![\\p{L}\\p{N}])' : '';
  const after = /[\p{L}\p{N}]$/u.test(text) ? '(?![\\p{L}\\p{N}])' : '';
  return new RegExp(before + words + after, 'giu');
}
const holds = (text: string, passage: string): boolean => patternOf(passage).test(text);

/** A whole text this long is found inside other texts too; a shorter one says too little of its own ("Ja"). */
const tellingLength = 20;
const alike = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();

/** A text that changes, before and after. */
export type Change = TextAt & { after: string };

/** Every text of the case that the removal changes, in the order they were given, wherever what is wanted stands. */
export function changesOf(texts: readonly TextAt[], wanted: Wanted, on: IsoDate): Change[] {
  const mark = removalMark(on);
  const without = (text: string, passages: readonly string[]): string =>
    besideRemovals(text, (part) =>
      passages.reduce((left, one) => besideRemovals(left, (p) => p.replace(patternOf(one), () => mark)), part),
    );
  const picked = texts.filter((one) => wanted.whole && wanted.picks.includes(keyOf(one)));
  const after = (one: TextAt): string => {
    if (!wanted.whole) return without(one.text, wanted.passages);
    if (picked.includes(one)) return mark;
    const copy = picked.some(({ field, text }) => field === one.field && alike(text) === alike(one.text));
    return copy
      ? mark
      : without(
          one.text,
          wanted.passages.filter((text) => characters(text) >= tellingLength),
        );
  };
  return texts.flatMap((one) => {
    const changed = after(one);
    return changed === one.text ? [] : [{ ...one, after: changed }];
  });
}

/** Tells whether what somebody looked at is still what would be done; the day of the mark makes no difference. */
export const changesPrint = (changes: readonly Change[]): string =>
  sha256(canonicalJson(changes.map((one) => [keyOf(one), one.text]))).slice(0, 24);

/** The names of the places, each once, in order: what is kept when the texts are gone. */
export function placesOf(changes: readonly Change[]): PlaceName[] {
  const names = new Map(changes.map(({ holder, field }) => [`${holder} ${field}`, { holder, field }]));
  return [...names.values()];
}

export const shortestPassage = 3;

/**
 * What a proposal comes to. Refuses `pick_something` without a text or a passage, `passage_short`, `passage_nowhere` for
 * one that stands nowhere, and `reason_repeats` when the reason, which is kept, says what is to go.
 */
export function wantedOf(
  texts: readonly TextAt[],
  typed: { picks: readonly string[]; passage: string; reason: string },
): Decision<Wanted> {
  const { passage, reason } = typed;
  const picked = texts.filter((one) => mayPick(one) && typed.picks.includes(keyOf(one)));
  if (passage === '' && picked.length === 0) return refuse('pick_something');
  if (passage !== '' && characters(passage) < shortestPassage) return refuse('passage_short');
  if (passage !== '' && !texts.some(({ text }) => holds(text, passage))) return refuse('passage_nowhere');
  const passages = passage === '' ? picked.map(({ text }) => text) : [passage];
  if (passages.some((one) => holds(reason, one))) return refuse('reason_repeats');
  return accept({ picks: picked.map(keyOf), passages, whole: passage === '' });
}

/** Somebody who may have got what was wrong, and how they were told. */
export type Notice = {
  id: string;
  participantId: string;
  party: Party;
  name: string;
  via: 'mail' | 'call' | null;
  at: IsoInstant | null;
  accountName: string | null;
};
