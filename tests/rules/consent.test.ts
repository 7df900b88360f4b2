import { describe, expect, test } from 'vitest';
import { isReceiving, namedParty, partyNameOf, sameParty } from '../../src/features/case/party/rules.ts';
import {
  type Consent,
  type ConsentAct,
  consentAct,
  lastUntil,
  mayShare,
  mayWithdraw,
  speakingAs,
  stateOf,
  usualUntil,
} from '../../src/features/consent/rules.ts';
import { nothingBeside, type User } from '../../src/kernel/access.ts';
import { type InformationKind, informationKinds } from '../../src/kernel/information.ts';

const today = '2026-11-25';
const [yesterday, tomorrow] = ['2026-11-24', '2026-11-26'];
let made = 0;
const said = (change: Partial<Consent> = {}): Consent => ({
  id: `c${String(++made).padStart(9, '0')}`,
  partyId: 'employer',
  act: 'give',
  kinds: ['work'],
  until: tomorrow,
  how: 'oral',
  note: '',
  exclusions: '',
  at: '2026-11-01T10:00:00.000Z',
  accountId: 'fk',
  accountName: 'Namn',
  noted: true,
  ...change,
});

/** Every list of kinds there is: thirty-two. */
const subsets: InformationKind[][] = Array.from({ length: 2 ** informationKinds.length }, (_, bits) =>
  informationKinds.filter((_kind, i) => bits & (2 ** i)),
);

describe('what a party may know', () => {
  const lasts = [null, ...(['give', 'limit', 'renew', 'withdraw'] as const)];
  const days = [yesterday, today, tomorrow];

  test('every act, day, list of kinds and kind, whatever was said before and to others', () => {
    let yes = 0;
    for (const act of lasts)
      for (const until of days)
        for (const kinds of subsets)
          for (const kind of informationKinds)
            for (const before of [[], [said({ kinds: informationKinds })], [said({ act: 'withdraw', until: null })]]) {
              const other = said({ partyId: 'care', kinds: informationKinds, until: tomorrow });
              const at = '2026-11-20T10:00:00.000Z';
              const last = act ? said({ act, kinds, until: act === 'withdraw' ? null : until, at }) : null;
              const now = last ?? before.at(-1);
              const holds = now !== undefined && now.act !== 'withdraw' && (now.until ?? '') >= today;
              const expected = holds && now.kinds.includes(kind);
              // In whatever order they are read.
              const consents = [other, ...(last ? [last] : []), ...before];
              const found = mayShare(consents, 'employer', kind, today);
              expect(found.may, JSON.stringify({ act, until, kinds, kind, before })).toBe(expected);
              if (found.may) {
                expect(found.consentId).toBe(now?.id);
                yes++;
              }
            }
    expect(yes).toBeGreaterThan(1_000);
  });

  test.each<[string, Consent[], ReturnType<typeof mayShare>]>([
    ['nothing was said', [], { may: false, why: 'nothing_said' }],
    ['it was said to another', [said({ partyId: 'care' })], { may: false, why: 'nothing_said' }],
    ['it was taken back', [said({ act: 'withdraw', kinds: [], until: null })], { may: false, why: 'withdrawn' }],
    ['it has ended', [said({ until: yesterday })], { may: false, why: 'expired' }],
    ['it was about other things', [said({ kinds: ['health'] })], { may: false, why: 'other_kinds' }],
  ])('says why not: %s', (_name, consents, expected) => {
    expect(mayShare(consents, 'employer', 'work', today)).toEqual(expected);
  });

  test('of two facts of one instant the later written one holds', () => {
    const first = said();
    const second = said({ act: 'withdraw', kinds: [], until: null });
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      expect(mayShare(order, 'employer', 'work', today).may).toBe(false);
    }
  });

  test('a yes tells what must still not be told', () => {
    const found = mayShare([said({ exclusions: 'Inget om lönen' })], 'employer', 'work', today);
    expect(found).toMatchObject({ may: true, exclusions: 'Inget om lönen' });
  });
});

describe('what saying it comes to', () => {
  const before = said({ kinds: ['work', 'measures'], until: '2027-01-10' });
  type Row = [string, Consent | null, InformationKind[], until: string, exclusions: string, ConsentAct | string];
  test.each<Row>([
    ['the first time', null, ['work'], '2027-01-10', '', 'give'],
    ['after a withdrawal', said({ act: 'withdraw', until: null }), ['work'], tomorrow, '', 'give'],
    ['after it ended', said({ until: yesterday }), ['work'], tomorrow, '', 'give'],
    ['more kinds', before, ['work', 'measures', 'health'], '2027-01-10', '', 'give'],
    ['the same again', before, ['work', 'measures'], '2027-01-10', '', 'give'],
    ['longer', before, ['work', 'measures'], '2027-02-10', '', 'renew'],
    ['fewer kinds', before, ['work'], '2027-01-10', '', 'limit'],
    ['another kind instead', before, ['work', 'health'], '2027-01-10', '', 'limit'],
    ['shorter', before, ['work', 'measures'], '2026-12-10', '', 'limit'],
    ['with something left out', before, ['work', 'measures'], '2027-01-10', 'Inget om lönen', 'limit'],
    ['until today', null, ['work'], today, '', 'give'],
    ['nothing', null, [], tomorrow, '', 'kinds'],
    ['until a day that has been', null, ['work'], yesterday, '', 'past'],
    ['for a year', null, ['work'], '2027-11-25', '', 'give'],
    ['for longer than a year', null, ['work'], '2027-11-26', '', 'consent_too_long'],
  ])('%s', (_name, earlier, kinds, until, exclusions, expected) => {
    const decided = consentAct(earlier, { kinds, until, exclusions }, today);
    expect(decided.ok ? decided.value : decided.code).toBe(expected);
  });

  test('a time that nobody chose is half a year, and never more than a year', () => {
    expect([usualUntil(today), lastUntil(today)]).toEqual(['2027-05-25', '2027-11-25']);
    expect(usualUntil('2026-08-31')).toBe('2027-02-28');
  });

  test.each<[Partial<Consent>, string]>([
    [{}, 'given'],
    [{ act: 'renew' }, 'given'],
    [{ act: 'limit' }, 'limited'],
    [{ until: today }, 'given'],
    [{ until: yesterday }, 'expired'],
    [{ act: 'limit', until: yesterday }, 'expired'],
    [{ act: 'withdraw', until: null }, 'withdrawn'],
  ])('%j is %s', (change, expected) => {
    expect(stateOf(said(change), today)).toBe(expected);
  });

  test('only what was said last and still holds is taken back', () => {
    const holds = said();
    expect(mayWithdraw(holds, holds.id, today).ok).toBe(true);
    expect(mayWithdraw(holds, 'another', today).ok).toBe(false);
    expect(mayWithdraw(null, holds.id, today).ok).toBe(false);
    const ended = said({ until: yesterday });
    expect(mayWithdraw(ended, ended.id, today).ok).toBe(false);
  });
});

test('whoever is signed in says it themselves, for the person, or notes it', () => {
  const user = (id: string, represents: string[] = []): User => ({
    ...{ kind: 'user', ...nothingBeside, id, represents, role: 'individual', fk: false, party: 'PERSON' },
    ...{ organisationId: 'o', unitId: null, name: 'Namn' },
  });
  expect(speakingAs(user('maja'), 'maja')).toBe('signed_in');
  expect(speakingAs(user('ombud', ['maja']), 'maja')).toBe('representative');
  expect(speakingAs(user('ombud', ['ali']), 'maja')).toBeNull();
  expect(speakingAs(user('fk'), null)).toBeNull();
  expect(speakingAs({ kind: 'public' }, 'maja')).toBeNull();
});

describe('the parties of a case', () => {
  const party = (id: string, code: 'ARBG' | 'PV' | 'NARST', organisation: string) => ({
    id,
    party: code,
    organisation,
  });
  const known = [
    party('a', 'ARBG', 'Verkstaden AB'),
    party('b', 'ARBG', 'Ångbageriet'),
    party('c', 'PV', 'Vårdcentralen'),
  ];

  test.each<[string, 'ARBG' | 'PV' | 'NARST', string, string | undefined]>([
    ['the same one, however it is written', 'ARBG', '  verkstaden   ab ', 'a'],
    ['with Swedish letters', 'ARBG', 'ÅNGBAGERIET', 'b'],
    ['another employer', 'ARBG', 'Skolan', undefined],
    ['the same name as something else', 'PV', 'Verkstaden AB', undefined],
  ])('%s', (_name, code, organisation, expected) => {
    expect(sameParty(known, code, organisation)?.id).toBe(expected);
  });

  test.each<[string, string]>([
    ['a', 'a'],
    ['PV', 'c'],
    ['ARBG', 'party'],
    ['AF', 'party'],
    ['', 'party'],
    ['elsewhere', 'party'],
  ])('named %j is %s', (given, expected) => {
    const named = namedParty(known, given);
    expect(named.ok ? named.value.id : named.code).toBe(expected);
  });

  test('somebody without an organisation is a party by their own name', () => {
    expect(partyNameOf({ organisation: ' Verkstaden ', name: 'Lena' })).toBe('Verkstaden');
    expect(partyNameOf({ organisation: '', name: ' Lena  Dal' })).toBe('Lena Dal');
  });

  test.each([
    ['PERSON', false],
    ['FK', false],
    ['TOLK', false],
    ['ARBG', true],
    ['NARST', true],
  ] as const)('%s receives as a party: %s', (code, expected) => expect(isReceiving(code)).toBe(expected));
});
