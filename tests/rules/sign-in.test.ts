import { describe, expect, test } from 'vitest';
import { judgeAssignment } from '../../src/features/account/administration/rules.ts';
import { readCover } from '../../src/features/account/cover/input.ts';
import { identityOf, isHsaId, keyOf, levelsFrom, mayWait, personOf } from '../../src/features/account/sign-in/rules.ts';

const issuer = 'https://id.example/';
const today = '2026-11-25';
const claim = (name: string) => `https://id.oidc.se/claim/${name}`;

describe('the floor of assurance', () => {
  const loa = (level: number) => `http://id.elegnamnden.se/loa/1.0/loa${level}`;
  const sambi = (level: number) => `http://id.sambi.se/loa/loa${level}`;
  test.each<[string | null, string[]]>([
    [null, []],
    [loa(2), [loa(2), loa(3), loa(4)]],
    [loa(3), [loa(3), loa(4)]],
    [loa(4), [loa(4)]],
    [sambi(3), [sambi(3), sambi(4)]],
    ['urn:own:strong', ['urn:own:strong']],
    ['LOA3', ['LOA3']],
  ])('%s is reached by %j', (floor, reached) => {
    expect(levelsFrom(floor)).toEqual(reached);
  });
});

describe('who somebody is', () => {
  const of = (claims: Record<string, unknown>) => identityOf({ issuer, sub: 'abc', claims }, today);

  test.each<[string, Record<string, unknown>, [string, string][]]>([
    ['a personal number', { [claim('personalIdentityNumber')]: '199701312390' }, [['number', '199701312390']]],
    ['a coordination number', { [claim('coordinationNumber')]: '197010632391' }, [['number', '197010632391']]],
    ['an HSA-id', { employeeHsaId: 'se2120000000-a1' }, [['hsa', 'SE2120000000-A1']]],
    [
      'several HSA-ids',
      { employeeHsaId: ['SE1-A', 'SE1-B'] },
      [
        ['hsa', 'SE1-A'],
        ['hsa', 'SE1-B'],
      ],
    ],
    ['an affiliation', { [claim('orgAffiliation')]: 'x1@2120000000' }, [['affiliation', 'x1@2120000000']]],
    [
      'number and HSA-id',
      { [claim('personalIdentityNumber')]: '199701312390', employeeHsaId: 'SE1-A' },
      [
        ['number', '199701312390'],
        ['hsa', 'SE1-A'],
      ],
    ],
    ['an e-mail address, which is no key', { email: 'a@exempel.example' }, [['subject', 'abc']]],
    ['a number that is none', { [claim('personalIdentityNumber')]: '199701312391' }, [['subject', 'abc']]],
    ['a number that is no text', { [claim('personalIdentityNumber')]: 199701312390 }, [['subject', 'abc']]],
    ['nothing', {}, [['subject', 'abc']]],
    ['an HSA-id that is empty or holds spaces', { employeeHsaId: ['', 'SE1 A', null, {}] }, [['subject', 'abc']]],
  ])('%s', (_name, claims, keys) => {
    expect(of(claims).keys).toEqual(keys.map(([kind, value]) => keyOf(issuer, kind as 'hsa', value)));
  });

  test('a key of one issuer is none of another’s, and no kind passes for another', () => {
    const texts = [keyOf('a', 'hsa', 'x'), keyOf('b', 'hsa', 'x'), keyOf('a', 'subject', 'x')].map(({ text }) => text);
    expect(new Set(texts).size).toBe(3);
  });

  test('the name is a line of text, or none', () => {
    expect(of({ name: '  Påhittad\n Person ' }).name).toBe('Påhittad Person');
    expect([of({ name: ' ' }).name, of({ name: 7 }).name, of({}).name]).toEqual([null, null, null]);
  });

  test.each([
    ['SE2120000000-A1B2', true],
    ['SE2120000000-', false],
    ['SE212000000-A1', false],
    ['NO2120000000-A1', false],
    [`SE2120000000-${'A'.repeat(18)}`, true],
    [`SE2120000000-${'A'.repeat(19)}`, false],
    ['SE2120000000-Å1', false],
  ])('%s as an HSA-id: %s', (text, valid) => {
    expect(isHsaId(text)).toBe(valid);
  });
});

describe('whom keys lead to', () => {
  const number = { kind: 'number', fingerprint: 'n' } as const;
  const hsa = { kind: 'hsa', fingerprint: 'h' } as const;
  const is = (fingerprint: string, personId: string) => ({ fingerprint, personId });
  type Case = [string, Parameters<typeof personOf>, string | { personId: string; learnt: string[] } | null];
  test.each<Case>([
    ['nobody', [[number, hsa], null, [], []], null],
    [
      'one, by one key, who gets the other',
      [[number, hsa], null, [is('n', 'p')], ['n']],
      { personId: 'p', learnt: ['h'] },
    ],
    ['one, by both', [[number, hsa], null, [is('n', 'p'), is('h', 'p')], ['n']], { personId: 'p', learnt: [] }],
    ['two people', [[number, hsa], null, [is('n', 'p'), is('h', 'q')], ['n']], 'key_conflict'],
    ['one with another number', [[number, hsa], null, [is('h', 'p')], ['m']], 'key_conflict'],
    ['one with no number yet', [[number, hsa], null, [is('h', 'p')], []], { personId: 'p', learnt: ['n'] }],
    ['one whose number this one follows on', [[number], 'm', [is('m', 'p')], ['m']], { personId: 'p', learnt: ['n'] }],
    ['one without showing a number', [[hsa], null, [is('h', 'p')], ['m']], { personId: 'p', learnt: [] }],
  ])('%s', (_name, given, expected) => {
    const found = personOf(...given);
    if (typeof expected === 'string') expect(found).toEqual({ ok: false, code: expected });
    else if (!found.ok || !found.value || !expected) expect(found).toEqual({ ok: true, value: expected });
    else {
      const { personId, learnt } = found.value;
      expect({ personId, learnt: learnt.map(({ fingerprint }) => fingerprint) }).toEqual(expected);
    }
  });

  test('only who shows more than a number is put before the administrator, and only if they say so', () => {
    const key = (kind: 'number' | 'hsa' | 'subject') => keyOf(issuer, kind, 'x');
    expect(mayWait('refuse', [key('hsa')])).toBe(false);
    expect(mayWait('wait', [key('number')])).toBe(false);
    expect(mayWait('wait', [key('number'), key('hsa')])).toBe(true);
    expect(mayWait('wait', [key('subject')])).toBe(true);
  });
});

describe('an assignment', () => {
  const fk = { id: 'fk', party: 'FK', state: 'active' };
  const region = { id: 'region', party: 'PV', state: 'active' };
  const kommun = { id: 'kommun', party: 'SOC', state: 'active' };
  const unit = { organisationId: 'fk', state: 'active' };
  type Given = Parameters<typeof judgeAssignment>[0];
  test.each<[Given['role'], Given['organisation'], Given['unit'], string | { fk: boolean; party: string }]>([
    ['officer', fk, unit, { fk: true, party: 'FK' }],
    ['log_reviewer', fk, unit, { fk: true, party: 'FK' }],
    ['officer', fk, null, 'unitNeeded'],
    ['manager', fk, { ...unit, state: 'closed' }, 'closed'],
    ['registrator', fk, { ...unit, organisationId: 'region' }, 'unitOther'],
    ['officer', region, null, 'roleElsewhere'],
    ['officer', { ...fk, state: 'closed' }, unit, 'closed'],
    ['administrator', fk, null, { fk: true, party: 'FK' }],
    ['administrator', fk, unit, 'unitOther'],
    ['coordinator', region, null, { fk: false, party: 'REKO' }],
    ['coordinator', kommun, null, { fk: false, party: 'SOC' }],
    ['participant', region, null, { fk: false, party: 'PV' }],
    ['representative', kommun, null, { fk: false, party: 'FORETR' }],
  ])('%s in %o, %o', (role, organisation, unit, expected) => {
    const judged = judgeAssignment({ role, organisation, unit });
    expect(judged).toEqual(
      typeof expected === 'string' ? { ok: false, code: expected } : { ok: true, value: expected },
    );
  });
});

describe('an absence', () => {
  const good = { officer: 'one', cover: 'two', firstDay: today, lastDay: today };
  test.each<[string, object, Record<string, string>]>([
    ['of a day', {}, {}],
    ['that began long ago', { firstDay: '2026-01-02' }, {}],
    ['of a year', { lastDay: '2027-11-26' }, {}],
    ['of more than a year', { lastDay: '2027-11-27' }, { lastDay: 'coverLong' }],
    ['covered by oneself', { cover: 'one' }, { cover: 'coverSelf' }],
    ['that ends before it begins', { firstDay: '2026-11-30' }, { lastDay: 'coverBackwards' }],
    ['that is over', { firstDay: '2026-11-01', lastDay: '2026-11-24' }, { lastDay: 'past' }],
    ['of nobody', { officer: '', cover: '' }, { officer: 'required', cover: 'required' }],
    ['without days', { firstDay: '', lastDay: 'x' }, { firstDay: 'required', lastDay: 'date' }],
  ])('%s', (_name, change, faults) => {
    const read = readCover({ ...good, ...change }, today);
    const codes = read.ok
      ? {}
      : Object.fromEntries(Object.entries(read.errors).map(([name, { code }]) => [name, code]));
    expect(codes).toEqual(faults);
  });
});
