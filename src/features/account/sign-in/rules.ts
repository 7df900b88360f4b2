import { accept, type Decision, refuse } from '../../../kernel/decision.ts';
import { parsePersonalNumber } from '../../../kernel/personal-number.ts';
import type { IsoDate } from '../../../kernel/time.ts';

/** Levels of assurance, each scale from the weakest up (domain.md D8: Sambi's, and those of Sweden's e-ID board). */
const scales = [
  [2, 3, 4].map((level) => `http://id.sambi.se/loa/loa${level}`),
  [2, 3, 4].map((level) => `http://id.elegnamnden.se/loa/1.0/loa${level}`),
];

/** The `acr` values that reach a floor: it and those above on its scale, or only itself when it is on none. */
export function levelsFrom(floor: string | null): string[] {
  if (floor === null) return [];
  const scale = scales.find((levels) => levels.includes(floor)) ?? [floor];
  return scale.slice(scale.indexOf(floor));
}

const claim = (name: string) => `https://id.oidc.se/claim/${name}`;
const claimNames = {
  number: claim('personalIdentityNumber'),
  coordination: claim('coordinationNumber'),
  previous: claim('previousCoordinationNumber'),
  affiliation: claim('orgAffiliation'),
  hsa: 'employeeHsaId',
};
/** What a sign-in asks the provider for (oidc-sweden, claims and scopes 1.0; Inera). */
export const askedClaims = [...Object.values(claimNames), 'name'];
export const askedScopes = ['naturalPersonInfo', 'naturalPersonNumber', 'naturalPersonOrgId'].map(
  (name) => `https://id.oidc.se/scope/${name}`,
);

export const keyKinds = ['number', 'hsa', 'affiliation', 'subject'] as const;
export type KeyKind = (typeof keyKinds)[number];
/** A value that leads to one person for good; an e-mail address never is one. `text` is fingerprinted, not stored. */
export type Key = { kind: KeyKind; text: string };
export type Identity = {
  name: string | null;
  /** Twelve digits of a personal or coordination number that the provider has vouched for. */
  number: string | null;
  keys: Key[];
  /** The coordination number they had before, twelve digits and as a key. */
  previousNumber: string | null;
  previous: Key | null;
};

/** What a key is fingerprinted from: an issuer vouches for its own only. */
export const keyOf = (issuer: string, kind: KeyKind, value: string): Key => ({
  kind,
  text: ['key', issuer, kind, value].join('\n'),
});

/** `SE`, ten digits, a hyphen and at least one letter or digit; at most 31 characters (domain.md D8). */
export const isHsaId = (text: string): boolean => /^SE\d{10}-[A-Za-z0-9]{1,18}$/.test(text);

/** Reads what the provider vouches for. Who has no number, employment or affiliation is known by the provider's own id. */
export function identityOf(
  vouched: { issuer: string; sub: string; claims: Readonly<Record<string, unknown>> },
  today: IsoDate,
): Identity {
  const { issuer, sub, claims } = vouched;
  const texts = (name: string): string[] =>
    [claims[name]].flat().filter((value): value is string => typeof value === 'string' && /^\S{1,200}$/.test(value));
  const numberIn = (name: string): string | null => {
    const read = parsePersonalNumber(texts(name)[0] ?? '', today);
    return read.ok ? read.digits : null;
  };
  const number = numberIn(claimNames.number) ?? numberIn(claimNames.coordination);
  const previous = numberIn(claimNames.previous);
  const keys = [
    ...(number === null ? [] : [keyOf(issuer, 'number', number)]),
    ...texts(claimNames.hsa).map((value) => keyOf(issuer, 'hsa', value.toUpperCase())),
    ...texts(claimNames.affiliation).map((value) => keyOf(issuer, 'affiliation', value)),
  ];
  const name = typeof claims.name === 'string' ? claims.name.replace(/\s+/g, ' ').trim().slice(0, 200) : '';
  return {
    name: name === '' ? null : name,
    number,
    keys: keys.length > 0 ? keys : [keyOf(issuer, 'subject', sub)],
    previousNumber: previous,
    previous: previous === null ? null : keyOf(issuer, 'number', previous),
  };
}

export type PersonState = 'waiting' | 'active' | 'closed';
export const unknownRules = ['refuse', 'wait'] as const;
export type UnknownRule = (typeof unknownRules)[number];

/** Who holds a session: by what their assignments are found. */
export type Holder = { accountId: string | null; personId: string | null; numberFp: string | null };

/** A key of the sign-in as it is known here. */
export type KnownKey = { fingerprint: string; personId: string };

/**
 * Whom the keys lead to, and which keys are new and theirs from now on; null for somebody unknown.
 * Refuses `key_conflict` when they lead to two people, or by an employment to somebody with another number: an HSA-id
 * or an affiliation may be given to somebody new, a number never is.
 */
export function personOf(
  given: { kind: KeyKind; fingerprint: string }[],
  previous: string | null,
  known: KnownKey[],
  /** Number keys of whoever `known` leads to. */
  numbers: string[],
): Decision<{ personId: string; learnt: { kind: KeyKind; fingerprint: string }[] } | null> {
  const people = new Set(known.map(({ personId }) => personId));
  if (people.size > 1) return refuse('key_conflict');
  const [personId] = people;
  if (personId === undefined) return accept(null);
  const number = given.find(({ kind }) => kind === 'number');
  const same = !number || numbers.length === 0 || numbers.some((one) => one === number.fingerprint || one === previous);
  if (!same) return refuse('key_conflict');
  const learnt = given.filter(({ fingerprint }) => !known.some((one) => one.fingerprint === fingerprint));
  return accept({ personId, learnt });
}

/**
 * Whether somebody unknown is put before the administrator. Who shows nothing but a number may be anybody's patient or
 * client: they are not listed for having tried, and read that there is nothing here about them.
 */
export const mayWait = (rule: UnknownRule, keys: readonly Key[]): boolean =>
  rule === 'wait' && keys.some(({ kind }) => kind !== 'number');

/** How long a browser has to come back from the provider. */
export const signInMinutes = 10;
