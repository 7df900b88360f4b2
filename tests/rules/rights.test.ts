import { describe, expect, test } from 'vitest';
import {
  navigation,
  needsSession,
  rights,
  rightsTable,
  safeReturn,
  startPage,
} from '../../src/features/account/rules.ts';
import {
  type Action,
  type Actor,
  type LinkScope,
  nobody,
  nothingBeside,
  type Role,
  type Subject,
  type User,
} from '../../src/kernel/access.ts';

const user = (id: string, role: Role, unitId: string | null, party = 'FK'): User => ({
  kind: 'user',
  ...nothingBeside,
  id,
  role,
  fk: party === 'FK',
  party,
  organisationId: party,
  unitId,
  name: 'Namn',
});
const link = (scope: LinkScope, id: string): Actor => ({ kind: 'link', scope, id });
const otherScope: Record<LinkScope, LinkScope> = {
  receipt: 'participant',
  participant: 'receipt',
  feed: 'participant',
};

/** Who asks; each column of the matrix is one of these, in this order. A column may stand for several. */
const actors: [name: string, of: (scope: LinkScope) => Actor[]][] = [
  ['the assigned officer', () => [user('fk', 'officer', 'here')]],
  ['another officer of the unit', () => [user('fk2', 'officer', 'here')]],
  ['an officer of another unit', () => [user('fk3', 'officer', 'there')]],
  ['the unit’s manager', () => [user('chef', 'manager', 'here')]],
  ['another unit’s manager', () => [user('chef2', 'manager', 'there')]],
  ['the requester', () => [user('koordinator', 'coordinator', null, 'REKO')]],
  ['another coordinator', () => [user('koordinator2', 'coordinator', null, 'REKO')]],
  ['a participant', () => ['ARBG', 'AF', 'SOC'].map((party) => user(party, 'participant', null, party))],
  ['the person', () => [user('individ', 'individual', null, 'PERSON')]],
  ['another person', () => [user('individ2', 'individual', null, 'PERSON')]],
  ['the unit’s registrator', () => [user('registrator', 'registrator', 'here')]],
  ['another unit’s registrator', () => [user('registrator2', 'registrator', 'there')]],
  ['an administrator', () => [user('admin', 'administrator', null)]],
  ['the right link', (scope) => [link(scope, 'subject')]],
  ['a link to another', (scope) => [link(scope, 'other')]],
  ['a link of another kind', (scope) => [link(otherScope[scope], 'subject')]],
  ['the public', () => [{ kind: 'public' }]],
  ['the worker', () => [{ kind: 'worker' }]],
];

const everybody = '+++++ ++ + ++ ++ + +++ + +';
const signedIn = '+++++ ++ + ++ ++ + --- - -';
const receiptLink = { taken: '--.-. -. . .. .. . +.. . .', untaken: '----- -. . .. .. . +.. . .' };
const decides = { taken: '++.-. -. . .. .. . ... . .', untaken: '+++-- -. . .. .. . ... . .' };
const ownOfficer = '+-.-. .. . .. .. . ... . .';
const participantLink = '--.-. .. . .. .. . +.. . .';

/**
 * states.md "Rights", written out: `+` may, `-` may not but may know of it, `.` may not know of it.
 * `untaken`: no unit has taken it yet; without the word it makes no difference, or cannot be.
 */
const matrix: Record<Action, string | { taken: string; untaken: string }> = {
  'public.read': everybody,
  'account.set_up': '----- -- - -- -- - --- - +',
  'session.open': everybody,
  'session.close': signedIn,
  'request.submit': everybody,
  'request.receipt': receiptLink,
  'request.supplement': receiptLink,
  'request.withdraw': receiptLink,
  'request.register': '+++-- -- - -- -- - --- - -',
  'request.list': signedIn,
  'request.see': { taken: '++.+. +. . .. .. . ... . .', untaken: '+++++ +. . .. .. . ... . .' },
  'request.assign': { taken: '++.+. -. . .. .. . ... . .', untaken: '+++++ -. . .. .. . ... . .' },
  'request.confirm': decides,
  'request.decline': decides,
  'request.hold': decides,
  'request.ask': decides,
  'request.end_hold': { taken: '--.-. -. . .. .. . ... . +', untaken: '----- -. . .. .. . ... . +' },
  'case.list': '+++++ -- - ++ -- - --- - -',
  'case.see': '++.+. .. . +. .. . ... . .',
  'case.assign': '++.+. .. . -. .. . ... . .',
  'meeting.see': '++.+. .. . .. .. . ... . .',
  'meeting.arrange': ownOfficer,
  'meeting.close_poll': '--.-. .. . .. .. . ... . +',
  'participation.open': participantLink,
  'participation.answer': participantLink,
  'participation.note_answer': ownOfficer,
  'calendar.see': signedIn,
  'feed.arrange': signedIn,
  'feed.read': '..... .. . .. .. . +.. . .',
  'minutes.write': ownOfficer,
  'minutes.finalise': ownOfficer,
  'measure.report': '+-.-. .. . -. .. . ... . .',
  'document.list': '----- -- - -- ++ - --- - -',
  'document.read': '++.+. .. . +. +. . ... . .',
};

const scopes: Record<string, LinkScope> = { participation: 'participant', feed: 'feed' };
const scopeOf = (action: Action): LinkScope => scopes[action.split('.')[0] ?? ''] ?? 'receipt';
const subject = (action: Action, taken: boolean): Subject => ({
  ...nobody,
  unitId: taken ? 'here' : null,
  officerId: taken ? 'fk' : null,
  requesterUserId: 'koordinator',
  individualUserId: 'individ',
  link: { scope: scopeOf(action), id: 'subject' },
});
const verdicts = { '+': 'allowed', '-': 'forbidden', '.': 'hidden' } as const;

test('the matrix has every action and every column', () => {
  expect(Object.keys(matrix).sort()).toEqual(Object.keys(rightsTable).sort());
  for (const row of Object.values(matrix).flatMap((one) => (typeof one === 'string' ? one : Object.values(one)))) {
    expect(row.replaceAll(' ', '')).toMatch(/^[-+.]{18}$/);
  }
  expect(actors).toHaveLength(18);
});

describe.each(Object.entries(matrix) as [Action, (typeof matrix)[Action]][])('%s', (action, row) => {
  const rows = typeof row === 'string' ? { taken: row } : row;
  for (const [state, text] of Object.entries(rows)) {
    const signs = [...text.replaceAll(' ', '')] as (keyof typeof verdicts)[];
    test.each(
      actors.map(([name, of], i) => [name, verdicts[signs[i] as '+'], of] as const),
    )(`${state}: %s is %s`, (_name, expected, of) => {
      for (const actor of of(scopeOf(action))) {
        expect(rights(action, actor, subject(action, state === 'taken')).verdict).toBe(expected);
      }
    });
  }
});

describe('nobody decides by half of what it takes', () => {
  const taken = subject('request.confirm', true);
  const impostors: [string, Actor][] = [
    ['an officer by name who is not at FK', user('fk', 'officer', 'here', 'REKO')],
    ['an officer at FK without a unit', user('fk', 'officer', null)],
    ['a manager who stands as the assigned officer', user('fk', 'manager', 'here')],
    ['an administrator in the unit', user('fk', 'administrator', 'here')],
    ['a registrator who stands as the assigned officer', user('fk', 'registrator', 'here')],
    ['the person, standing as the assigned officer', user('fk', 'individual', 'here', 'PERSON')],
    ['a link', link('receipt', 'subject')],
  ];
  test.each(impostors)('%s', (_name, actor) => {
    for (const action of ['request.confirm', 'request.decline', 'request.hold', 'request.ask'] as const) {
      expect(rights(action, actor, taken).verdict).not.toBe('allowed');
      expect(rights(action, actor, { ...taken, unitId: null }).verdict).not.toBe('allowed');
    }
  });

  test('no role but the officer arranges a meeting, whoever is assigned', () => {
    for (const role of [
      'manager',
      'coordinator',
      'participant',
      'individual',
      'registrator',
      'administrator',
    ] as const) {
      expect(rights('meeting.arrange', user('fk', role, 'here'), taken).verdict).not.toBe('allowed');
    }
  });

  test('nobody is the person, the requester or the officer of what has none', () => {
    const everyone = actors.flatMap(([, of]) => of('receipt')).filter((actor) => actor.kind !== 'worker');
    const unknown = { ...nobody, unitId: 'elsewhere' };
    for (const actor of everyone) {
      for (const action of ['request.see', 'case.see', 'meeting.see', 'document.read', 'request.receipt'] as const) {
        expect(rights(action, actor, unknown).verdict).toBe('hidden');
      }
    }
  });
});

test('an action needs a session unless the public or a link may do it', () => {
  const open: Action[] = [
    'public.read',
    'session.open',
    'request.submit',
    'request.receipt',
    'request.supplement',
    'request.withdraw',
    'participation.open',
    'participation.answer',
    'feed.read',
  ];
  for (const action of Object.keys(matrix) as Action[])
    expect(needsSession(action), action).toBe(!open.includes(action));
});

test.each<[Role, start: string, menu: string[]]>([
  ['officer', '/inkorg', ['/inkorg', '/arenden', '/kalender', '/begaran/ny']],
  ['manager', '/inkorg', ['/inkorg', '/arenden']],
  ['coordinator', '/inkorg', ['/inkorg', '/kalender', '/begaran/ny']],
  ['participant', '/inkorg', ['/inkorg', '/kalender', '/begaran/ny']],
  ['individual', '/arenden', ['/arenden', '/kalender']],
  ['registrator', '/handlingar', ['/handlingar']],
  ['administrator', '/inkorg', []],
])('%s starts at %s and is shown only what it may see', (role, start, menu) => {
  const someone = user('x', role, 'here');
  expect(startPage(someone)).toBe(start);
  expect(navigation(someone).map(({ href }) => href)).toEqual(menu);
});

test.each<[string | undefined, string | null]>([
  ['/begaran/01a2-b3', '/begaran/01a2-b3'],
  ['/', '/'],
  [undefined, null],
  ['', null],
  ['//evil.example', null],
  ['https://evil.example', null],
  ['/\\evil.example', null],
  ['/a?b=c', null],
  ['/a\r\nSet-Cookie: x', null],
  ['begaran', null],
])('after sign-in %s leads to %s', (path, expected) => {
  expect(safeReturn(path)).toBe(expected);
});
