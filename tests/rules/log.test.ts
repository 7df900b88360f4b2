import { describe, expect, test } from 'vitest';
import { rights, rightsTable } from '../../src/features/account/rules.ts';
import { mayReview, openUntil, triesSince } from '../../src/features/log/emergency/rules.ts';
import { readFinding } from '../../src/features/log/input.ts';
import { readDraw } from '../../src/features/log/review/input.ts';
import { csvOf, exportOf } from '../../src/features/log/review/render.ts';
import { createDraw } from '../../src/features/log/review/rules.ts';
import { checkpointIsDue, disposeBefore, findings, fold, type Logged, told } from '../../src/features/log/rules.ts';
import {
  type Action,
  type LinkScope,
  nobody,
  nothingBeside,
  type Role,
  roles,
  type User,
} from '../../src/kernel/access.ts';
import { idsFrom, newId } from '../../src/kernel/ids.ts';
import { viewsDir } from '../../src/platform/web/render.ts';
import { loadTexts } from '../../src/platform/web/text.ts';

/** One that is missing here does not compile. */
const scopes: Record<LinkScope, true> = { receipt: true, participant: true, survey: true, feed: true };
const linkScopes = Object.keys(scopes);
const actions = Object.keys(rightsTable) as Action[];
const { has } = loadTexts(`${viewsDir}text`);

test('everything that can stand in the log has words', () => {
  const relations = new Set(actions.flatMap((action) => rightsTable[action].map(({ relation }) => relation)));
  const words = [
    ...actions.map((action) => `log.action.${action}`),
    ...[...relations, 'own'].map((relation) => `log.why.${relation}`),
    ...[...linkScopes, 'public', 'worker', 'someone'].map((who) => `log.who.${who}`),
    ...roles.map((role) => `userRole.${role}`),
    ...findings.map((finding) => `finding.${finding}`),
  ];
  expect(words.filter((key) => !has(key))).toEqual([]);
});

const user = (role: Role, given: Partial<User> = {}): User => ({
  ...{ kind: 'user', ...nothingBeside, id: role, role, fk: true, party: 'FK', organisationId: 'FK', unitId: 'here' },
  ...{ name: 'Namn', ...given },
});
const elsewhere = { ...nobody, unitId: 'there', officerId: 'other', caseId: 'case' };
const allowed = (actor: User, subject = elsewhere) =>
  actions.filter((action) => rights(action, actor, subject).verdict === 'allowed');

describe('who may', () => {
  test('a log reviewer sees logs and no case', () => {
    expect(allowed(user('log_reviewer'))).toEqual(
      expect.arrayContaining(['case.log', 'emergency.review', 'log.review', 'log.draw', 'log.note']),
    );
    expect(
      allowed(user('log_reviewer')).filter((action) => /^(case\.see|meeting|document\.read|minutes)/.test(action)),
    ).toEqual([]);
    expect(rights('log.review', user('log_reviewer', { fk: false }), nobody).verdict).toBe('forbidden');
  });

  test.each<[Role, boolean]>([
    ['officer', true],
    ['manager', true],
    ['registrator', false],
    ['administrator', false],
  ])('by an emergency, a %s looks: %s, at that case only, and changes nothing', (role, looks) => {
    const before = allowed(user(role));
    for (const protectedIdentity of [false, true]) {
      const subject = { ...elsewhere, protectedIdentity };
      const more = allowed(user(role, { emergencies: ['case'] }), subject).filter((action) => !before.includes(action));
      expect(more).toEqual(looks ? ['case.see', 'meeting.see', 'document.read'] : []);
    }
    expect(allowed(user(role, { emergencies: ['another'] }))).toEqual(before);
  });

  test('the log says own of whoever is both own and of the unit', () => {
    const subject = { ...elsewhere, unitId: 'here', officerId: 'officer' };
    expect(rights('case.see', user('officer'), subject).by).toBe('own');
    expect(rights('case.see', user('officer', { id: 'colleague' }), subject).by).toBe('unit');
    expect(rights('case.see', user('officer', { emergencies: ['case'] }), elsewhere).by).toBe('emergency');
  });
});

const row = (at: string, more: Partial<Logged> = {}): Logged => ({
  ...{ id: at, at, actor: 'officer', accountId: 'a', requestId: 'r', unit: 'Enhet', name: 'Namn', action: 'case.see' },
  ...{ outcome: 'seen', relation: 'unit', ...more },
});

test('the same in a row is one line, with how often; another act, reason, outcome or day is another', () => {
  const rows = [
    ...[row('2026-11-23T10:02:00.000Z'), row('2026-11-23T10:01:00.000Z'), row('2026-11-23T10:00:00.000Z')],
    row('2026-11-23T09:00:00.000Z', { relation: 'emergency' }),
    row('2026-11-23T08:00:00.000Z', { accountId: 'b' }),
    row('2026-11-23T07:00:00.000Z', { outcome: 'refused' }),
    // A day ends at midnight in Stockholm.
    ...[row('2026-11-22T23:10:00.000Z'), row('2026-11-22T22:50:00.000Z')],
  ];
  expect(fold(rows).map(({ count, first }) => `${count} ${first.slice(11, 16)}`)).toEqual([
    ...['3 10:00', '1 09:00', '1 08:00', '1 07:00', '1 23:10', '1 22:50'],
  ]);
});

test.each<[Partial<Logged>, names: boolean, expected: object]>([
  [{}, true, { who: null, name: 'Namn', mine: false, refused: false, form: false }],
  [{}, false, { name: null }],
  [{ actor: 'individual' }, true, { name: null }],
  [{ actor: 'link:participant', accountId: null }, true, { who: 'participant' }],
  [{ actor: 'worker', accountId: null }, true, { who: 'worker' }],
  [{ accountId: 'viewer' }, true, { mine: true }],
  [{ action: 'meeting.arrange' }, true, { form: true }],
  [{ action: 'meeting.arrange', outcome: 'done' }, true, { form: false }],
  [{ outcome: 'refused', relation: null }, true, { refused: true }],
  [{ relation: 'emergency' }, true, { emergency: true }],
  // Who asked for the meeting, where the person may not know (OSL 28:3): whatever else they did, too.
  [{ actor: 'coordinator', accountId: 'hidden' }, true, { who: 'someone', unit: null, name: null }],
  [{ actor: 'coordinator', requestId: 'withheld', relation: 'requester' }, true, { who: 'someone', unit: null }],
  [{ actor: 'coordinator', requestId: 'withheld', action: 'request.submit' }, true, { who: 'someone', unit: null }],
  [{ requestId: 'withheld', action: 'request.confirm' }, true, { who: null, unit: 'Enhet' }],
])('a row %o with names %s is told as %o', (given, names, expected) => {
  const one = { ...row('2026-11-23T10:00:00.000Z', given), count: 1, first: '' };
  expect(told(one, { id: 'viewer', names, withheld: new Set(['withheld', 'hidden']) })).toMatchObject(expected);
});

describe('kept', () => {
  test.each([
    ['2026-11-23T09:00:00.000Z', '2021-11-23T09:00:00.000Z'],
    ['2028-02-29T09:00:00.000Z', '2023-02-28T09:00:00.000Z'],
  ])('five years: at %s what is older than %s goes', (now, before) => expect(disposeBefore(now)).toBe(before));

  test('a checkpoint a day', () => {
    const now = '2026-11-23T09:00:00.000Z';
    expect(checkpointIsDue(null, now)).toBe(true);
    expect(checkpointIsDue('2026-11-22T09:00:00.000Z', now)).toBe(true);
    expect(checkpointIsDue('2026-11-22T09:00:00.001Z', now)).toBe(false);
  });
});

describe('a sample', () => {
  const ids = Array.from({ length: 1_000 }, (_, i) => `row-${i}`);
  const draw = (seed: string, order: readonly string[], size = 20, batch = 300) => {
    const one = createDraw(seed, size);
    for (let i = 0; i < order.length; i += batch) one.add(order.slice(i, i + batch));
    return one.drawn();
  };

  test('is the same for the same seed, however the rows come, and another for another', () => {
    expect(draw('a', ids)).toEqual(draw('a', ids.toReversed(), 20, 7));
    expect(draw('a', ids)).not.toEqual(draw('b', ids));
    expect(new Set(draw('a', ids)).size).toBe(20);
    expect(draw('a', ids.slice(0, 5))).toHaveLength(5);
  });

  test('favours no row', () => {
    const times = new Map<string, number>();
    for (let seed = 0; seed < 400; seed++) {
      for (const id of draw(`${seed}`, ids.slice(0, 100), 10)) times.set(id, (times.get(id) ?? 0) + 1);
    }
    // 400 × 10 / 100 = 40 on average, with a deviation of 6.
    expect(times.size).toBe(100);
    expect(Math.min(...times.values())).toBeGreaterThan(40 - 5 * 6);
    expect(Math.max(...times.values())).toBeLessThan(40 + 5 * 6);
  });

  const good = { firstDay: '2026-11-01', lastDay: '2026-11-22', size: '20' };
  test.each<[object, string[]]>([
    [{}, []],
    [{ lastDay: '2026-11-23' }, ['lastDay']],
    [{ firstDay: '2026-11-22', lastDay: '2026-11-21' }, ['lastDay']],
    [{ firstDay: '' }, ['firstDay']],
    [{ size: '0' }, ['size']],
    [{ size: '101' }, ['size']],
    [{ size: '1.5' }, ['size']],
    [{ size: 'x' }, ['size']],
  ])('asked for with %o is wrong in %o', (change, wrong) => {
    const read = readDraw({ ...good, ...change }, '2026-11-23');
    expect(read.ok ? [] : Object.keys(read.errors)).toEqual(wrong);
  });

  test.each<[string, string, boolean]>([
    ['ok', '', true],
    ['ask', '', false],
    ['deviation', '', false],
    ['deviation', 'Fel enhet.', true],
    ['', 'x', false],
    ['fine', 'x', false],
  ])('finding "%s" with the note "%s" is taken: %s', (finding, note, ok) => {
    expect(readFinding({ finding, note }).ok).toBe(ok);
  });

  test('leaves as CSV that no spreadsheet runs', () => {
    const review = { id: 'r', at: '', reviewer: '', firstDay: '', lastDay: '', size: 1, seed: 's', finishedAt: null };
    const notes = ['=1', '+1', '-1', '@x', '\tx', 'a;"b"\nc'];
    const rows = notes.map((note, i) => ({
      ...{ id: '', position: i, auditId: 'a', logged: null, finding: 'ok' as const, note, notedAt: null },
    }));
    const csv = csvOf(exportOf(review, rows));
    for (const note of notes.slice(0, 5)) expect(csv).toContain(`"'${note}"`);
    expect(csv).toContain('"a;""b""\nc"');
  });
});

describe('an emergency', () => {
  test('is open for four hours, and tries are counted for one', () => {
    expect(openUntil('2026-11-23T22:00:00.000Z')).toBe('2026-11-24T02:00:00.000Z');
    expect(triesSince('2026-11-23T22:00:00.000Z')).toBe('2026-11-23T21:00:00.000Z');
  });

  test.each<[string, string | null, string | null]>([
    ['other', null, null],
    ['opener', null, 'own_emergency'],
    ['opener in another assignment', null, 'own_emergency'],
    ['other', '2026-11-23T22:00:00.000Z', 'changed_by_someone_else'],
  ])('reviewed by %s, before that at %s: %s', (by, reviewedAt, code) => {
    const may = mayReview(
      { accountId: 'opener', reviewedAt },
      { id: by, near: by === 'opener in another assignment' ? ['opener'] : [] },
    );
    expect(may.ok ? null : may.code).toBe(code);
  });
});

test('ids of an instant sort behind where it begins, and those before do not', () => {
  const at = '2026-11-23T22:00:00.000Z';
  expect(newId(at) > idsFrom(at)).toBe(true);
  expect(newId('2026-11-23T21:59:59.999Z') < idsFrom(at)).toBe(true);
});
