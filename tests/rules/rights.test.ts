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
  measure: 'participant',
  survey: 'participant',
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
/** Nobody signed in has been bound to the participant; see "who was bound" below. */
const nobodyYet = '--.-. .. . .. .. . ... . .';
/** The person, and whoever was bound to a participant. */
const own = '--.-. .. . +. .. . ... . .';
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
  'session.end': everybody,
  'account.administer': '----- -- - -- -- + --- - -',
  'unit.cover': '---++ -- - -- -- - --- - -',
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
  'request.link': decides,
  'request.withhold': { taken: '++.+. -. . .. .. . ... . .', untaken: '+++++ -. . .. .. . ... . .' },
  'request.second_look': { taken: '++.+. -. . .. .. . ... . .', untaken: '+++++ -. . .. .. . ... . .' },
  'request.merge': { taken: '++.+. -. . .. .. . ... . .', untaken: '+++++ -. . .. .. . ... . .' },
  'request.misfile': { taken: '++.+. -. . .. .. . ... . .', untaken: '+++++ -. . .. .. . ... . .' },
  'case.list': '+++++ -- - ++ -- - --- - -',
  'case.see': '++.+. .. . +. .. . ... . .',
  'case.assign': '++.+. .. . -. .. . ... . .',
  'case.log': '--.+. .. . +. .. . ... . .',
  'case.days': '+-.-. .. . -. .. . ... . .',
  'case.represent': '+-.-. .. . -. .. . ... . .',
  'case.protect': '+-.-. .. . -. .. . ... . .',
  'case.open_meeting': '+-.-. .. . -. .. . ... . .',
  'case.close': '+-.-. .. . -. .. . ... . .',
  'case.remind': '--.-. .. . +. .. . ... . .',
  'meeting.see': '++.+. .. . .. .. . ... . .',
  'meeting.arrange': ownOfficer,
  'meeting.close_poll': '--.-. .. . .. .. . ... . +',
  'meeting.remind': '--.-. .. . .. .. . ... . +',
  'participation.open': participantLink,
  'participation.answer': participantLink,
  'participation.remind': participantLink,
  'participation.note_answer': ownOfficer,
  'participation.take_mail': '--.-. .. . .. .. . ... . +',
  'participation.read_mail': ownOfficer,
  'mail.sort': '---++ -- - -- -- - --- - -',
  'participation.prepare': participantLink,
  'participation.write': nobodyYet,
  'participation.code': participantLink,
  'participation.bind': ownOfficer,
  'participation.list': signedIn,
  'participation.see': nobodyYet,
  'participation.reply': nobodyYet,
  'calendar.see': signedIn,
  'feed.arrange': signedIn,
  'feed.read': '..... .. . .. .. . +.. . .',
  'minutes.write': ownOfficer,
  'minutes.contribute': nobodyYet,
  'minutes.finalise': ownOfficer,
  'minutes.release': ownOfficer,
  'minutes.settle': ownOfficer,
  'minutes.amend': ownOfficer,
  'minutes.review': own,
  'minutes.approve': own,
  'minutes.object': own,
  'minutes.remind': '--.-. .. . .. .. . ... . +',
  'survey.answer': '----- -- - -- -- - +-- - -',
  'statistics.see': '+++++ ++ + ++ ++ + --- - -',
  'structural.list': '+++++ -- - -- -- - --- - -',
  'structural.open': '+++++ -- - -- -- - --- - -',
  'structural.see': '++.+. .. . .. .. . ... . .',
  'structural.write': '++.+. .. . .. .. . ... . .',
  'structural.finalise': '++.+. .. . .. .. . ... . .',
  'measure.report': '+-.-. .. . -. .. . +.. . .',
  'measure.see': '--.-. .. . -. .. . ... . .',
  'measure.open': '--.-. .. . -. .. . +.. . .',
  'measure.code': '--.-. .. . -. .. . +.. . .',
  'measure.list': signedIn,
  'measure.watch': '+++-- -- - -- -- - --- - -',
  'measure.decide': '+-.-. .. . -. .. . ... . .',
  'measure.remind': '--.-. .. . -. .. . ... . +',
  'plan.check_off': '+-.-. .. . -. .. . ... . .',
  'correction.see': '++.+. .. . .. .. . ... . .',
  'correction.propose': ownOfficer,
  'correction.approve': '-+.+. .. . .. .. . ... . .',
  'correction.reject': '-+.+. .. . .. .. . ... . .',
  'correction.tell': '++.+. .. . .. .. . ... . .',
  'consent.see': '++.+. .. . +. .. . ... . .',
  'consent.give': '+-.-. .. . +. .. . ... . .',
  'consent.withdraw': '+-.-. .. . +. .. . ... . .',
  'release.make': '+-.-. .. . -. .. . ... . .',
  'release.recall': '+-.-. .. . -. .. . ... . .',
  'release.list': signedIn,
  'release.read': '++.+. .. . +. .. . ... . .',
  'preparation.see': '+-.-. .. . +. .. . ... . .',
  'preparation.write': '+-.-. .. . +. .. . ... . .',
  'preparation.arrange': '+-.-. .. . -. .. . ... . .',
  'notice.see': '++.+. .. . +. .. . ... . .',
  'notice.write': '+-.-. .. . -. .. . ... . .',
  'notice.note': '+-.-. .. . -. .. . ... . .',
  'notice.confirm': '--.-. .. . +. .. . ... . .',
  'document.list': '----- -- - -- ++ - --- - -',
  'document.read': '++.+. .. . +. +. . ... . .',
  'emergency.open': '+++++ -- - -- -- - --- - -',
  'emergency.review': '...+. .. . -. .. . ... . .',
  'log.review': '----- -- - -- -- - --- - -',
  'log.draw': '----- -- - -- -- - --- - -',
  'log.note': '----- -- - -- -- - --- - -',
  'log.dispose': '----- -- - -- -- - --- - +',
  'log.restore': '----- -- - -- -- - --- - +',
};

const scopes: Record<string, LinkScope> = {
  participation: 'participant',
  measure: 'measure',
  feed: 'feed',
  survey: 'survey',
};
const scopeOf = (action: Action): LinkScope => scopes[action.split('.')[0] ?? ''] ?? 'receipt';
const subject = (action: Action, taken: boolean): Subject => ({
  ...nobody,
  unitId: taken ? 'here' : null,
  officerId: taken ? 'fk' : null,
  requesterUserId: 'koordinator',
  individualUserId: 'individ',
  proposerId: 'fk',
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

test.each<[Action, 'allowed' | 'forbidden' | 'hidden']>([
  ['release.read', 'allowed'],
  ['release.make', 'forbidden'],
  ['release.recall', 'forbidden'],
  ['consent.see', 'hidden'],
  ['case.see', 'hidden'],
  ['document.read', 'hidden'],
])('who takes part for a party, to %s of a copy made for it: %s', (action, expected) => {
  const released = { ...subject(action, true), partyUserId: 'ARBG' };
  expect(rights(action, user('ARBG', 'participant', null, 'ARBG'), released).verdict).toBe(expected);
  expect(rights(action, user('AF', 'participant', null, 'AF'), released).verdict).toBe('hidden');
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

describe('relations that the matrix has nobody for', () => {
  const of = { ...subject('case.see', true), partyUserId: 'ARBG' };
  const actions = Object.keys(matrix) as Action[];
  const allowed = (actor: Actor, about = of) =>
    actions.filter((action) => rights(action, actor, about).verdict === 'allowed');
  const byRelation = (actor: Actor, about = of) =>
    actions.filter((action) => !['anyone', 'signed_in', null].includes(rights(action, actor, about).by));

  test('who was bound to a participant sees and answers as that participant, and no more', () => {
    expect(byRelation(user('ARBG', 'participant', null, 'ARBG'))).toEqual([
      'participation.write',
      'participation.see',
      'participation.reply',
      'minutes.contribute',
      'minutes.review',
      'minutes.approve',
      'minutes.object',
      'measure.report',
      'measure.see',
      'release.read',
    ]);
    expect(byRelation(user('AF', 'participant', null, 'AF'))).toEqual([]);
  });

  test('a representative may what the person may, by being them', () => {
    const representative = { ...user('ombud', 'representative', null, 'PERSON'), represents: ['individ'] };
    expect(allowed(representative)).toEqual(allowed(user('individ', 'individual', null, 'PERSON')));
    expect(rights('case.see', representative, of)).toEqual({ verdict: 'allowed', by: 'self' });
    // In a meeting they answer as the person, and as nobody else.
    const person = { ...of, partyUserId: of.individualUserId };
    expect(rights('participation.reply', representative, person)).toEqual({ verdict: 'allowed', by: 'party' });
    expect(rights('participation.reply', representative, of).verdict).toBe('hidden');
    expect(rights('participation.reply', { ...representative, represents: [] }, person).verdict).toBe('hidden');
    expect(byRelation({ ...representative, represents: ['individ2'] })).toEqual([]);
  });

  test('a protected identity is for its own officer and those who are named', () => {
    const protectedOne = { ...of, protectedIdentity: true };
    const named = (actor: User): User => ({ ...actor, handlesProtected: true });
    const colleague = user('fk2', 'officer', 'here');
    const cover = { ...colleague, covers: ['fk'] };
    for (const hidden of [
      colleague,
      cover,
      user('chef', 'manager', 'here'),
      user('registrator', 'registrator', 'here'),
    ]) {
      expect(
        byRelation(hidden, protectedOne).filter(
          (action) =>
            !/^(request.register|emergency.open|structural.open|unit.cover|mail.sort|measure.watch|\w+.list)$/.test(
              action,
            ),
        ),
      ).toEqual([]);
      expect(byRelation(named(hidden), protectedOne)).toEqual(byRelation(named(hidden)));
    }
    const own = user('fk', 'officer', 'here');
    expect(allowed(own, protectedOne)).toEqual(allowed(own));
    expect(rights('case.see', user('fk2', 'officer', 'here'), { ...protectedOne, unitId: null }).verdict).toBe(
      'hidden',
    );
  });

  test('who was asked to write a meeting’s minutes writes them, and does nothing that a colleague may not', () => {
    const asked = { ...of, scribeId: 'fk2' };
    const scribe = user('fk2', 'officer', 'here');
    const more = (actor: User, about: typeof of) =>
      allowed(actor, about).filter((one) => !allowed(actor).includes(one));
    expect(more(scribe, asked)).toEqual(['minutes.write']);
    expect(rights('minutes.write', scribe, asked)).toEqual({ verdict: 'allowed', by: 'scribe' });
    expect(rights('minutes.write', user('fk', 'officer', 'here'), asked).by).toBe('own');
    const protectedOne = { ...asked, protectedIdentity: true };
    expect(rights('minutes.write', scribe, protectedOne).verdict).toBe('hidden');
    expect(rights('minutes.write', { ...scribe, handlesProtected: true }, protectedOne).verdict).toBe('allowed');
    for (const [who, about] of [
      [user('fk4', 'officer', 'here'), asked],
      [{ ...user('fk4', 'officer', 'here'), covers: ['fk2'] }, asked],
      [user('fk2', 'manager', 'here'), asked],
      [user('fk2', 'officer', 'there'), asked],
      [user('fk2', 'officer', null), { ...asked, unitId: null }],
      [user('fk2', 'officer', 'here', 'REKO'), asked],
      [{ ...scribe, near: ['individ'] }, asked],
      [scribe, { ...asked, closed: true }],
    ] as const) {
      expect(rights('minutes.write', who, about).verdict).not.toBe('allowed');
    }
  });

  const ofLink = (scope: LinkScope, relation: 'link' | 'coded') =>
    actions.filter((action) =>
      rightsTable[action].some((row) => row.scope === scope && (row.relation === 'link' || row.relation === relation)),
    );

  test.each([
    'receipt',
    'participant',
    'measure',
  ] as const)('a %s link does what its rows say and nothing else', (scope) => {
    const about = { ...of, link: { scope, id: 'subject' } };
    expect(byRelation(link(scope, 'subject'), about)).toEqual(ofLink(scope, 'link'));
    expect(ofLink(scope, 'link').length).toBeGreaterThan(1);
  });

  test('with the mailed code a participant’s link also reads what its party was given, and nothing more', () => {
    const about = { ...of, link: { scope: 'participant' as const, id: 'subject' } };
    const coded = (scope: LinkScope, id: string): Actor => ({ kind: 'link', scope, id, coded: true });
    const more = byRelation(coded('participant', 'subject'), about);
    expect(more).toEqual(ofLink('participant', 'coded'));
    expect(more.filter((action) => !ofLink('participant', 'link').includes(action))).toEqual([
      'release.list',
      'release.read',
    ]);
    expect(rights('release.read', coded('participant', 'subject'), about)).toEqual({ verdict: 'allowed', by: 'coded' });
    expect(byRelation(coded('participant', 'other'), about)).toEqual([]);
    expect(rights('release.read', coded('participant', 'subject'), of).verdict).toBe('hidden');
    const receipt = { ...of, link: { scope: 'receipt' as const, id: 'subject' } };
    expect(byRelation(coded('receipt', 'subject'), receipt)).toEqual(ofLink('receipt', 'link'));
  });
});

describe('nobody is two people', () => {
  const about: Subject = { ...subject('case.see', true), protectedIdentity: false, numberFp: 'number' };
  const official = (actor: User) =>
    (Object.keys(matrix) as Action[]).filter((action) =>
      ['fk', 'unit', 'own', 'second', 'emergency'].includes(rights(action, actor, about).by ?? ''),
    );
  const staff = [
    user('fk', 'officer', 'here'),
    { ...user('fk2', 'officer', 'here'), covers: ['fk'] },
    { ...user('fk3', 'officer', 'there'), emergencies: [about.caseId ?? ''] },
    user('chef', 'manager', 'here'),
    user('registrator', 'registrator', 'here'),
    user('granskare', 'log_reviewer', null),
  ];

  test.each<[string, Partial<User>]>([
    ['is themselves', { near: ['individ'] }],
    ['has the same number', { numberFp: 'number' }],
  ])('who works at Försäkringskassan handles no case of whoever %s', (_who, near) => {
    for (const one of staff) {
      expect(official(one)).not.toEqual([]);
      expect(official({ ...one, ...near })).toEqual([]);
      expect(official({ ...one, near: ['individ2'], numberFp: 'another' })).toEqual(official(one));
    }
  });

  test('who proposed in one assignment is not the second person in another', () => {
    const proposed = { ...nobody, unitId: 'here', proposerId: 'fk' };
    expect(rights('correction.approve', user('chef', 'manager', 'here'), proposed).verdict).toBe('allowed');
    const other = { ...user('chef', 'manager', 'here'), near: ['fk'] };
    expect(rights('correction.approve', other, proposed).verdict).toBe('forbidden');
  });
});

test('nobody is the second person to what nobody proposed, and a protected identity narrows who is', () => {
  const proposed = { ...nobody, unitId: 'here', proposerId: 'fk' };
  for (const action of ['correction.approve', 'correction.reject'] as const) {
    expect(rights(action, user('fk2', 'officer', 'here'), proposed).verdict).toBe('allowed');
    expect(rights(action, user('fk2', 'officer', 'here'), { ...proposed, proposerId: null }).verdict).toBe('forbidden');
    const hidden = { ...proposed, protectedIdentity: true };
    expect(rights(action, user('fk2', 'officer', 'here'), hidden).verdict).toBe('hidden');
    expect(rights(action, { ...user('fk2', 'officer', 'here'), handlesProtected: true }, hidden).verdict).toBe(
      'allowed',
    );
  }
});

test('an action needs a session unless the public may do it, or a link leads to it', () => {
  const open: Action[] = ['public.read', 'session.open', 'session.end', 'request.submit'];
  for (const action of Object.keys(matrix) as Action[])
    expect(needsSession(action), action).toBe(!open.includes(action));
});

test.each<[Role, start: string, menu: string[]]>([
  ['officer', '/inkorg', ['/inkorg', '/forsenat', '/arenden', '/kalender', '/samverkan', '/begaran/ny', '/statistik']],
  [
    'manager',
    '/inkorg',
    ['/inkorg', '/arenden', '/samverkan', '/enheten', '/kalendersvar', '/nodatkomst', '/statistik'],
  ],
  ['log_reviewer', '/loggranskning', ['/loggranskning']],
  [
    'coordinator',
    '/inkorg',
    ['/inkorg', '/mina-moten', '/mina-atgarder', '/kalender', '/begaran/ny', '/utlamnat', '/statistik'],
  ],
  [
    'participant',
    '/inkorg',
    ['/inkorg', '/mina-moten', '/mina-atgarder', '/kalender', '/begaran/ny', '/utlamnat', '/statistik'],
  ],
  ['individual', '/arenden', ['/arenden', '/mina-moten', '/mina-atgarder', '/kalender']],
  ['representative', '/arenden', ['/arenden', '/mina-moten', '/mina-atgarder']],
  ['registrator', '/handlingar', ['/handlingar']],
  [
    'administrator',
    '/administration',
    ['/administration', '/administration/organisationer', '/administration/personer'],
  ],
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
