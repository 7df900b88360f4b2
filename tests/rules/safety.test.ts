import { describe, expect, test } from 'vitest';
import { readProtection, readRepresentation } from '../../src/features/case/person/input.ts';
import { representationState } from '../../src/features/case/person/rules.ts';
import { codeLives, maySendCode } from '../../src/features/invitation/code/rules.ts';
import { mayBind } from '../../src/features/meeting/binding/rules.ts';
import {
  isWithheld,
  mayDecide,
  mayPropose,
  pending,
  toldOf,
  type Withholding,
} from '../../src/features/request/requester/rules.ts';
import { type RequestState, requestStates } from '../../src/features/request/rules.ts';
import { type LinkScope, nothingBeside, type Role, type User } from '../../src/kernel/access.ts';
import { codeMatches, linkCode, linkLives } from '../../src/kernel/links.ts';

const now = '2026-11-23T12:00:00.000Z';

test.each<[LinkScope, ended: string | null, at: string, lives: boolean]>([
  ['receipt', null, '2099-01-01T00:00:00.000Z', true],
  ['receipt', now, now, true],
  ['receipt', now, '2027-05-23T12:00:00.000Z', true],
  ['receipt', now, '2027-05-27T12:00:00.000Z', false],
  ['receipt', '2026-05-31T12:00:00.000Z', '2026-11-30T12:00:00.000Z', true],
  ['receipt', '2026-05-31T12:00:00.000Z', '2026-12-04T12:00:00.000Z', false],
  ['participant', null, '2099-01-01T00:00:00.000Z', true],
  ['participant', now, '2026-12-23T22:59:59.999Z', true],
  ['participant', now, '2026-12-23T23:00:00.000Z', false],
])('a %s link of what ended %s lives at %s: %s', (scope, ended, at, lives) => {
  expect(linkLives(scope, ended, at)).toBe(lives);
});

describe('who asked, as the person may know it', () => {
  type Row = [move: Withholding['move'], outcome: Withholding['outcome']];
  test.each<[string, Row[], withheld: boolean]>([
    ['nothing said', [], false],
    ['asked to be withheld', [['withhold', null]], true],
    ['withheld by two', [['withhold', 'approved']], true],
    ['somebody else said no', [['withhold', 'rejected']], false],
    [
      'asked to be lifted',
      [
        ['withhold', 'approved'],
        ['lift', null],
      ],
      true,
    ],
    [
      'lifted by two',
      [
        ['withhold', 'approved'],
        ['lift', 'approved'],
      ],
      false,
    ],
    [
      'not lifted after all',
      [
        ['withhold', 'approved'],
        ['lift', 'rejected'],
      ],
      true,
    ],
    [
      'withheld anew',
      [
        ['withhold', 'approved'],
        ['lift', 'approved'],
        ['withhold', null],
      ],
      true,
    ],
    [
      'a no takes back nothing older',
      [
        ['withhold', 'approved'],
        ['lift', 'rejected'],
        ['lift', null],
      ],
      true,
    ],
  ])('%s', (_name, rows, withheld) => {
    const steps = rows.map(
      ([move, outcome], i): Withholding => ({
        ...{ id: String(i), move, outcome, reason: 'skäl', at: now, byId: 'fk', byName: 'Fk' },
        ...{ decidedAt: null, decidedByName: null },
      }),
    );
    expect(isWithheld(steps)).toBe(withheld);
    const waits = rows.some(([, outcome]) => outcome === null);
    expect(pending(steps) !== null).toBe(waits);
    // Only what would change something can be asked for, and one thing at a time.
    expect(mayPropose(steps, 'withhold').ok).toBe(!waits && !withheld);
    expect(mayPropose(steps, 'lift').ok).toBe(!waits && withheld);
    expect(mayDecide(steps, { id: 'fk', near: [] })).toEqual({ ok: false, code: waits ? 'second_look' : 'not_now' });
    expect(mayDecide(steps, { id: 'chef', near: ['fk'] }).ok).toBe(false);
    expect(mayDecide(steps, { id: 'fk2', near: ['fk3'] }).ok).toBe(waits);
  });

  test('is told of a request only when an officer has it, and it is about them', () => {
    const told = (officerId: string | null) =>
      requestStates.filter((state: RequestState) => toldOf({ state, officerId }));
    expect(told(null)).toEqual([]);
    expect(told('fk')).toEqual(['received', 'needs_info', 'on_hold', 'confirmed', 'declined', 'withdrawn']);
  });
});

describe('a one-time code', () => {
  const key = Buffer.alloc(32, 7);

  test('is six digits that only the key and the id give', () => {
    const codes = Array.from({ length: 500 }, (_, i) => linkCode(key, `id-${i}`));
    for (const code of codes) expect(code).toMatch(/^\d{6}$/);
    expect(new Set(codes).size).toBeGreaterThan(490);
    expect(linkCode(key, 'id-1')).toBe(codes[1]);
    expect(linkCode(Buffer.alloc(32, 8), 'id-1')).not.toBe(codes[1]);
  });

  test.each([
    ['123456', '123456', true],
    ['123456', '123457', false],
    ['12345', '123456', false],
    ['', '123456', false],
  ])('%s against %s', (given, right, matches) => {
    expect(codeMatches(given, right)).toBe(matches);
  });

  const code = { id: 'x', createdAt: now, tries: 0, usedAt: null };
  test.each([
    ['new', code, now, true],
    ['in its last moment', code, '2026-11-23T12:09:59.999Z', true],
    ['after ten minutes', code, '2026-11-23T12:10:00.000Z', false],
    ['guessed at four times', { ...code, tries: 4 }, now, true],
    ['guessed at five times', { ...code, tries: 5 }, now, false],
    ['used', { ...code, usedAt: now }, now, false],
  ])('%s', (_name, one, at, lives) => {
    expect(codeLives(one, at)).toBe(lives);
  });

  const person = { name: 'Kim', title: '', organisation: '', email: 'kim@utomstaende.example', phone: '' };
  test.each<[string, Parameters<typeof maySendCode>[0], string[], code: string | null]>([
    ['to a verified address', { person, verifiedAt: now }, [], null],
    ['to an address nobody verified', { person, verifiedAt: null }, [], 'no_address'],
    ['to nobody', { person: { ...person, email: '' }, verifiedAt: now }, [], 'no_address'],
    ['a third in an hour', { person, verifiedAt: now }, [now, '2026-11-23T11:01:00.000Z'], null],
    ['a fourth in an hour', { person, verifiedAt: now }, [now, now, '2026-11-23T11:01:00.000Z'], 'codes_many'],
    ['a fourth in more', { person, verifiedAt: now }, [now, now, '2026-11-23T11:00:00.000Z'], null],
  ])('%s', (_name, one, sent, refused) => {
    expect(maySendCode(one, sent, now)).toEqual(refused ? { ok: false, code: refused } : { ok: true, value: null });
  });
});

describe('to say that one is a participant', () => {
  const user = (role: Role, party: string): User => ({
    ...{ kind: 'user', ...nothingBeside, id: 'me', role, fk: party === 'FK', party, organisationId: party },
    ...{ unitId: null, name: 'Namn' },
  });
  test.each<[Role, string, participant: { party: 'ARBG' | 'PERSON'; accountId: string | null }, may: boolean]>([
    ['participant', 'ARBG', { party: 'ARBG', accountId: null }, true],
    ['coordinator', 'REKO', { party: 'ARBG', accountId: 'another' }, true],
    ['participant', 'ARBG', { party: 'ARBG', accountId: 'me' }, false],
    ['participant', 'ARBG', { party: 'PERSON', accountId: null }, false],
    ['officer', 'FK', { party: 'ARBG', accountId: null }, false],
    ['individual', 'PERSON', { party: 'ARBG', accountId: null }, false],
    ['representative', 'PERSON', { party: 'ARBG', accountId: null }, false],
  ])('%s of %s', (role, party, one, may) => {
    expect(mayBind(user(role, party), one)).toBe(may);
  });
});

describe('a representative', () => {
  test.each([
    [{ firstDay: '2026-11-23', lastDay: null, endedAt: null }, 'holds'],
    [{ firstDay: '2026-11-24', lastDay: null, endedAt: null }, 'coming'],
    [{ firstDay: '2026-11-01', lastDay: '2026-11-23', endedAt: null }, 'holds'],
    [{ firstDay: '2026-11-01', lastDay: '2026-11-22', endedAt: null }, 'over'],
    [{ firstDay: '2026-11-01', lastDay: null, endedAt: now }, 'over'],
  ] as const)('%j %s', (one, state) => {
    expect(representationState(one, '2026-11-23')).toBe(state);
  });

  const good = { number: '19970131-2390', basis: 'guardian', how: 'Såg beslutet.' };
  test.each<[string, Record<string, string>, wrong: string[]]>([
    ['what is needed', good, []],
    ['nothing', {}, ['number', 'basis', 'how']],
    ['no number', { ...good, number: '1997' }, ['number']],
    ['an unknown basis', { ...good, basis: 'friend' }, ['basis']],
    ['a number in the text', { ...good, how: 'Såg 19970131-2390.' }, ['how']],
    ['an end before the beginning', { ...good, firstDay: '2026-12-01', lastDay: '2026-11-30' }, ['lastDay']],
    ['an end that has been', { ...good, firstDay: '2026-01-01', lastDay: '2026-11-22' }, ['lastDay']],
    ['no date', { ...good, lastDay: 'i morgon' }, ['lastDay']],
  ])('%s', (_name, body, wrong) => {
    const read = readRepresentation(body, '2026-11-23');
    expect(read.ok ? [] : Object.keys(read.errors)).toEqual(wrong);
    if (read.ok) expect(read.value).toMatchObject({ number: '199701312390', firstDay: '2026-11-23', lastDay: null });
  });

  test('a protection is set and taken away with a reason', () => {
    expect(readProtection({ protectedIdentity: 'on', reason: 'Hot.' }, '2026-11-23')).toEqual({
      ok: true,
      value: { protected: true, reason: 'Hot.' },
    });
    expect(readProtection({ reason: 'Upphört.' }, '2026-11-23')).toMatchObject({
      ok: true,
      value: { protected: false },
    });
    expect(readProtection({ protectedIdentity: 'on' }, '2026-11-23')).toMatchObject({ ok: false });
  });
});
