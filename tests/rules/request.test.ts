import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readChannel, readDecision, readNote, readRequest } from '../../src/features/request/input.ts';
import {
  daysWaited,
  defaultDisclosure,
  holdDate,
  mayAddText,
  moveRequest,
  type Outward,
  outward,
  type RequestEvent,
  type RequestMove,
  type RequestState,
  requestMoves,
  requestStates,
} from '../../src/features/request/rules.ts';
import { type Actor, nothingBeside, type Role } from '../../src/kernel/access.ts';
import { FieldReader } from '../../src/kernel/fields.ts';
import { normaliseLine, normaliseText } from '../../src/kernel/text.ts';

const now = '2026-11-23T09:00:00.000Z';
const today = '2026-11-23';
const user = (role: Role, fk = true): Actor => ({
  ...nothingBeside,
  ...{ kind: 'user', id: 'x', role, fk, party: fk ? 'FK' : 'REKO', organisationId: 'o', unitId: 'u', name: 'Namn' },
});
const officer = user('officer');

// states.md "Request": a column per state, in this order; '' where no such move is listed.
const columns: RequestState[] = [
  'received',
  'needs_info',
  'on_hold',
  'confirmed',
  'declined',
  'withdrawn',
  'merged',
  'misfiled',
];
const ended = ['', '', '', '', ''] as const;
const all = (to: RequestState) => [to, to, to, ...ended] as const;
const table: Record<RequestMove, readonly (RequestState | '')[]> = {
  assign: ['received', 'needs_info', 'on_hold', ...ended],
  ask: ['needs_info', '', 'needs_info', ...ended],
  supplement: ['', 'received', '', ...ended],
  hold: ['on_hold', 'on_hold', '', ...ended],
  hold_ended: ['', '', 'received', ...ended],
  confirm: all('confirmed'),
  decline: all('declined'),
  withdraw: all('withdrawn'),
  merge: all('merged'),
  misfile: ['misfiled', 'misfiled', 'misfiled', 'misfiled', 'misfiled', 'misfiled', 'misfiled', ''],
};

describe('moves', () => {
  test('the table has every state and every move', () => {
    expect(columns).toEqual(requestStates);
    expect(Object.keys(table).sort()).toEqual([...requestMoves].sort());
  });

  const cases = columns.flatMap((state, i) => requestMoves.map((move) => [state, move, table[move][i] ?? ''] as const));
  test.each(cases)('%s, %s → %s', (state, move, to) => {
    expect(moveRequest(state, move, officer)).toEqual(
      to === '' ? { ok: false, code: 'not_now' } : { ok: true, value: to },
    );
  });

  const others: [string, Actor][] = [
    ...(['manager', 'registrator', 'administrator'] as const).map((role): [string, Actor] => [role, user(role)]),
    ...(['coordinator', 'participant', 'individual', 'officer'] as const).map((role): [string, Actor] => [
      `${role} elsewhere`,
      user(role, false),
    ]),
    ['link', { kind: 'link', scope: 'receipt', id: 'x' }],
    ['public', { kind: 'public' }],
    ['worker', { kind: 'worker' }],
  ];
  test.each(others)('%s never confirms', (_name, actor) => {
    for (const state of columns) expect(moveRequest(state, 'confirm', actor)).toEqual({ ok: false, code: 'forbidden' });
  });

  test('the requester may add a text until there is an answer', () => {
    expect(columns.filter(mayAddText)).toEqual(['received', 'needs_info', 'on_hold']);
  });
});

describe('a hold ends within 21 days', () => {
  test.each<[string | null, at: string, expected: string]>([
    [null, now, '2026-12-14'],
    ['2026-12-14', now, '2026-12-14'],
    ['2026-12-15', now, 'hold_too_long'],
    ['9999-12-31', now, 'hold_too_long'],
    ['2026-11-24', now, '2026-11-24'],
    ['2026-11-23', now, 'hold_past'],
    ['2020-01-01', now, 'hold_past'],
    // Half past midnight in Stockholm.
    ['2026-11-24', '2026-11-23T23:30:00.000Z', 'hold_past'],
    ['2026-12-15', '2026-11-23T23:30:00.000Z', '2026-12-15'],
    [null, '2026-12-20T12:00:00.000Z', '2027-01-10'],
  ])('%s at %s: %s', (wanted, at, expected) => {
    const ok = /^\d/.test(expected);
    expect(holdDate(wanted, at)).toEqual(ok ? { ok, value: expected } : { ok, code: expected });
  });
});

describe('what the requester may read', () => {
  const answer = (disclosure: RequestEvent['disclosure']): RequestEvent => ({
    move: 'decline',
    at: now,
    accountName: 'Sara',
    reasonCode: 'too_early',
    disclosure,
    details: { outwardText: 'text', instead: 'instead', reason: 'inside', disclosureGround: 'ground' },
  });
  const hold = '2026-12-01';
  const nothing: Outward = { status: 'handled', holdUntil: null, text: null, reasonCode: null, instead: null };
  const told = { ...nothing, text: 'text', instead: 'instead' };

  test.each<[RequestState, disclosure: RequestEvent['disclosure'] | 'no answer', Outward]>([
    ['received', 'no answer', { ...nothing, status: 'received' }],
    ['received', 'outcome_and_reason', { ...nothing, status: 'received' }],
    ['withdrawn', 'outcome_and_reason', { ...nothing, status: 'withdrawn' }],
    ['needs_info', 'nothing', { ...nothing, status: 'needs_info', text: 'text' }],
    ['needs_info', 'no answer', { ...nothing, status: 'needs_info' }],
    ['on_hold', 'nothing', { ...nothing, status: 'on_hold', holdUntil: hold, text: 'text' }],
    ['confirmed', 'no answer', nothing],
    ['confirmed', 'nothing', nothing],
    ['confirmed', 'outcome', { ...told, status: 'confirmed' }],
    ['confirmed', 'outcome_and_reason', { ...told, status: 'confirmed', reasonCode: 'too_early' }],
    ['declined', 'no answer', nothing],
    ['declined', 'nothing', nothing],
    ['declined', 'outcome', { ...told, status: 'declined' }],
    ['declined', 'outcome_and_reason', { ...told, status: 'declined', reasonCode: 'too_early' }],
    ['merged', 'outcome_and_reason', nothing],
    ['misfiled', 'outcome_and_reason', { ...nothing, status: 'misfiled' }],
    ['misfiled', 'no answer', { ...nothing, status: 'misfiled' }],
  ])('%s, %s', (state, disclosure, expected) => {
    const given = disclosure === 'no answer' ? null : answer(disclosure);
    const seen = outward(state, hold, given);
    expect(seen).toEqual(expected);
    expect(JSON.stringify(seen)).not.toMatch(/inside|ground|Sara/);
  });

  test('a yes and a no look alike when nothing may be told', () => {
    expect(outward('confirmed', null, answer('nothing'))).toEqual(outward('declined', null, answer('nothing')));
  });

  test('by default only the person is told', () => {
    const roles = ['PERSON', 'NARST', 'VH', 'ARBG', 'REKO', 'SOC', 'AF', 'ANNAN'] as const;
    expect(roles.map(defaultDisclosure)).toEqual(['outcome_and_reason', ...roles.slice(1).map(() => 'nothing')]);
  });
});

test.each<[string, from: string, ended: string | null, at: string, days: number]>([
  ['the same day', '2026-11-23T07:00:00.000Z', null, '2026-11-23T22:59:00.000Z', 0],
  ['midnight in Stockholm', '2026-11-23T22:59:00.000Z', null, '2026-11-23T23:00:00.000Z', 1],
  ['over a weekend', '2026-11-20T12:00:00.000Z', null, '2026-11-23T12:00:00.000Z', 1],
  ['received on a Saturday', '2026-11-21T12:00:00.000Z', null, '2026-11-23T12:00:00.000Z', 1],
  ['Christmas', '2026-12-23T12:00:00.000Z', null, '2026-12-28T12:00:00.000Z', 1],
  ['New Year', '2026-12-30T12:00:00.000Z', null, '2027-01-04T12:00:00.000Z', 1],
  ['Epiphany', '2027-01-05T12:00:00.000Z', null, '2027-01-07T12:00:00.000Z', 1],
  ['Easter', '2027-03-25T12:00:00.000Z', null, '2027-03-30T12:00:00.000Z', 1],
  ['Midsummer', '2027-06-24T12:00:00.000Z', null, '2027-06-28T12:00:00.000Z', 1],
  ['two weeks', '2026-11-09T12:00:00.000Z', null, now, 10],
  ['to the day it ended', '2026-11-09T12:00:00.000Z', '2026-11-11T12:00:00.000Z', now, 2],
])('days waited: %s', (_name, receivedAt, endedAt, at, days) => {
  expect(daysWaited({ receivedAt, endedAt }, at)).toBe(days);
});

// What the form asks, and no more, in a request about somebody else, with a yes.
const least = {
  requesterName: 'Nils Vester',
  requesterRole: 'ARBG',
  requesterEmail: 'nils.vester@exempel.example',
  individualName: 'Tove Ask',
  individualNumber: '20120129-2388',
  purpose: 'Komma överens om nästa steg.',
  consent: 'yes',
};
type Body = Record<string, string | string[]>;
const faults = (body: Body, registering = false): Record<string, string> => {
  const read = readRequest(body, today, registering);
  return read.ok ? {} : Object.fromEntries(Object.entries(read.errors).map(([name, { code }]) => [name, code]));
};
const accepted = (body: Body, registering = false) => {
  const read = readRequest(body, today, registering);
  if (!read.ok) throw new Error(`refused: ${JSON.stringify(read.errors)}`);
  return read.value;
};

describe('the request form', () => {
  test('takes what is required and nothing more', () => {
    expect(accepted(least)).toEqual({
      form: {
        ...least,
        requesterRoleOther: '',
        requesterOrganisation: '',
        onBehalfOf: '',
        requesterPhone: '',
        requesterReference: '',
        individualNumber: '201201292388',
        individualContact: '',
        interpreterLanguage: '',
        protectedIdentity: false,
        kind: 'unsure',
        tried: '',
        needs: '',
        questions: [],
        ownQuestion: '',
        parties: [],
        partiesNote: '',
        wishes: '',
        disclosureBasis: '',
      },
      idempotencyKey: null,
    });
  });

  test.each<[string, Body, Record<string, string>]>([
    [
      'an empty form',
      {},
      {
        requesterName: 'required',
        requesterRole: 'choose',
        requesterEmail: 'emailOrPhone',
        individualName: 'required',
        individualNumber: 'numberOrMissing',
        purpose: 'required',
        consent: 'choose',
      },
    ],
    ['no name', { ...least, requesterName: ' ' }, { requesterName: 'required' }],
    ['no role', { ...least, requesterRole: '' }, { requesterRole: 'choose' }],
    ['neither e-mail nor telephone', { ...least, requesterEmail: '' }, { requesterEmail: 'emailOrPhone' }],
    ['telephone instead', { ...least, requesterEmail: '', requesterPhone: '070-174 06 05' }, {}],
    ['nobody to meet about', { ...least, individualName: '\u200e' }, { individualName: 'required' }],
    ['no number', { ...least, individualNumber: '' }, { individualNumber: 'numberOrMissing' }],
    ['no number, and said so', { ...least, individualNumber: '', individualNumberMissing: 'on' }, {}],
    ['no purpose', { ...least, purpose: '\r\n' }, { purpose: 'required' }],
    ['no consent', { ...least, consent: '' }, { consent: 'choose' }],
    ['about oneself, no consent', { ...least, requesterRole: 'PERSON', consent: '' }, {}],
    ['unknown role', { ...least, requesterRole: 'KUNG' }, { requesterRole: 'choice' }],
    ['any party of the list', { ...least, requesterRole: 'TOLK' }, {}],
    ['those who always come', { ...least, parties: ['PERSON', 'FK', 'AF'] }, {}],
    ['unknown consent', { ...least, consent: 'maybe' }, { consent: 'choice' }],
    ['unknown kind', { ...least, kind: 'party' }, { kind: 'choice' }],
    ['a meeting without a person', { ...least, kind: 'structural' }, { kind: 'choice' }],
    ['unknown question', { ...least, questions: ['part_time', 'why'] }, { questions: 'choice' }],
    ['unknown party', { ...least, parties: 'KUNG' }, { parties: 'choice' }],
    ['no e-mail address', { ...least, requesterEmail: 'nils' }, { requesterEmail: 'email' }],
    ['two e-mail addresses', { ...least, requesterEmail: 'a@b.example, c@d.example' }, { requesterEmail: 'email' }],
    ['no telephone number', { ...least, requesterPhone: 'ring mig' }, { requesterPhone: 'phone' }],
  ])('%s', (_name, body, expected) => {
    expect(faults(body)).toEqual(expected);
  });

  // OSL 25:1 and 26:1, PSL 6:12: without a yes they must name the ground on which they tell.
  const bound = ['FHV', 'PV', 'SPEC', 'SLUTV', 'REKO', 'KHSL', 'SOC', 'SIS', 'TAND'];
  const free = ['NARST', 'VH', 'FORETR', 'STOD', 'AF', 'ARBG', 'FACK', 'AME', 'SKOLA', 'KRIM', 'SAMF', 'ANNAN'];
  test.each([...bound, ...free])('disclosureBasis: %s', (requesterRole) => {
    for (const consent of ['no', 'not_asked']) {
      const missing = bound.includes(requesterRole) ? { disclosureBasis: 'consentDuty' } : {};
      expect(faults({ ...least, requesterRole, consent })).toEqual(missing);
      expect(faults({ ...least, requesterRole, consent, disclosureBasis: 'OSL 10:28' })).toEqual({});
    }
    expect(faults({ ...least, requesterRole, consent: 'yes' })).toEqual({});
  });

  test('the person’s own request has no consent, whatever was posted', () => {
    expect(accepted({ ...least, requesterRole: 'PERSON', consent: 'no' }).form.consent).toBe(null);
  });

  test('an officer who registers may know less, and may ask for FK itself', () => {
    const { requesterEmail: _, ...rest } = least;
    expect(faults(rest, true)).toEqual({});
    expect(faults({ ...least, requesterRole: 'FK' }, true)).toEqual({});
    expect(faults({ ...least, requesterRole: 'SOC', consent: 'not_asked' }, true)).toEqual({});
  });

  const caps: [string, number][] = [
    ...['requesterName', 'requesterOrganisation', 'onBehalfOf', 'individualName', 'interpreterLanguage'].map(
      (name): [string, number] => [name, 200],
    ),
    ...['tried', 'needs', 'ownQuestion', 'partiesNote', 'wishes', 'disclosureBasis', 'individualContact'].map(
      (name): [string, number] => [name, 600],
    ),
    ['purpose', 1_000],
  ];
  test.each(caps)('%s holds %i characters', (name, cap) => {
    expect(faults({ ...least, [name]: '👋'.repeat(cap) })).toEqual({});
    expect(faults({ ...least, [name]: ` ${'å'.repeat(cap)}\n` })).toEqual({});
    const read = readRequest({ ...least, [name]: 'å'.repeat(cap + 7) }, today, false);
    expect(read).toMatchObject({ ok: false, errors: { [name]: { code: 'tooLong', params: { over: 7 } } } });
    expect(read.ok || read.values[name]).toBe('å'.repeat(cap + 7));
  });

  test.each<[Body, cap: number]>([
    [{ consent: 'yes' }, 1_000],
    [{ consent: 'no' }, 300],
    [{ consent: 'not_asked' }, 300],
    [{ consent: 'no', requesterRole: 'PERSON' }, 1_000],
  ])('purpose with %o: %i characters', (body, cap) => {
    expect(faults({ ...least, ...body, purpose: 'x'.repeat(cap) })).toEqual({});
    expect(faults({ ...least, ...body, purpose: 'x'.repeat(cap + 1) })).toEqual({ purpose: 'tooLong' });
  });

  test.each<[string, missing: boolean, expected: string | null]>([
    ['20120129-2388', false, '201201292388'],
    ['201201292388', false, '201201292388'],
    ['120129-2388', false, '201201292388'],
    [' 20120129 2388 ', false, '201201292388'],
    ['19701063-2391', false, '197010632391'],
    ['19701060-2394', false, '197010602394'],
    ['20120129-2388', true, '201201292388'],
    ['', true, null],
    ['20120129-2389', false, 'number'],
    ['20120129-2389', true, 'number'],
    ['20120230-2388', false, 'number'],
    ['vet inte', false, 'number'],
    ['', false, 'numberOrMissing'],
  ])('number %s, missing %s: %s', (individualNumber, missing, expected) => {
    const body: Body = { ...least, individualNumber, ...(missing ? { individualNumberMissing: 'on' } : {}) };
    if (expected === null || /^\d/.test(expected)) expect(accepted(body).form.individualNumber).toBe(expected);
    else expect(faults(body)).toEqual({ individualNumber: expected });
  });

  test.each([
    'purpose',
    'tried',
    'needs',
    'ownQuestion',
    'partiesNote',
    'wishes',
    'disclosureBasis',
  ])('a personal number in %s is refused: it has its own field', (name) => {
    expect(faults({ ...least, [name]: 'Gäller 20120129-2388.' })).toEqual({ [name]: 'numberInText' });
    expect(faults({ ...least, [name]: 'Gäller ärende 20120129-2389.' })).toEqual({});
  });

  test('what no keyboard gives is taken away, and lines stay lines', () => {
    const { form } = accepted({
      ...least,
      requesterName: '\uFEFF Nils\u0000 \r\n Vester\uE000 ',
      purpose: ' Rad ett\r\nrad\u0007 två\rrad tre\u202E ',
      wishes: 'A\u030A',
    });
    expect([form.requesterName, form.purpose, form.wishes]).toEqual(['Nils Vester', 'Rad ett\nrad två\nrad tre', 'Å']);
  });

  test.each<[string, string | null]>([
    ['a1B2_-c3', 'a1B2_-c3'],
    ['a'.repeat(100), 'a'.repeat(100)],
    ['a1B2_-c', null],
    ['åäö-åäö-åäö', null],
    ['', null],
  ])('idempotency key %s', (idempotencyKey, expected) => {
    expect(accepted({ ...least, idempotencyKey }).idempotencyKey).toBe(expected);
  });

  test('of a repeated field the first counts, and chosen codes come once, in our order', () => {
    const { form } = accepted({
      ...least,
      requesterName: ['Nils Vester', 'Någon Annan'],
      questions: ['responsibility', 'part_time', 'part_time'],
      parties: 'AF',
    });
    expect([form.requesterName, form.questions, form.parties]).toEqual([
      'Nils Vester',
      ['part_time', 'responsibility'],
      ['AF'],
    ]);
  });

  const lines = [
    ...['requesterName', 'requesterRole', 'requesterRoleOther', 'requesterOrganisation', 'onBehalfOf'],
    ...['requesterEmail', 'requesterPhone', 'requesterReference', 'individualName', 'individualNumber'],
    ...['interpreterLanguage', 'kind', 'consent', 'idempotencyKey'],
  ];
  const texts = [
    ...['individualContact', 'purpose', 'tried', 'needs', 'ownQuestion', 'partiesNote', 'wishes', 'disclosureBasis'],
  ];
  const lists = ['questions', 'parties'];

  test('whatever is posted, it never throws, and every value is kept', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 1_200 }),
      fc.constantFrom('', 'yes', 'on', 'PERSON', '20120129-2388', '__proto__', 'constructor', '\uD800'),
    );
    const value = fc.oneof(text, fc.array(text, { maxLength: 3 }));
    const names = [...lines, ...texts, ...lists, 'individualNumberMissing', 'protectedIdentity', 'channel'];
    const body = fc.record(Object.fromEntries(names.map((name) => [name, value])), { requiredKeys: [] });
    fc.assert(
      fc.property(body, fc.boolean(), (given, registering) => {
        const read = readRequest(given as Body, today, registering);
        if (read.ok) return;
        const first = (name: string) => [given[name] ?? ''].flat()[0] ?? '';
        for (const name of lines) expect(read.values[name], name).toBe(normaliseLine(first(name)));
        for (const name of texts) expect(read.values[name], name).toBe(normaliseText(first(name)));
        for (const name of lists) {
          const listed = given[name] === '' ? [] : [given[name] ?? []].flat();
          expect(read.values[name], name).toEqual(listed.map(normaliseLine));
        }
        for (const { code } of Object.values(read.errors)) expect(code).toMatch(/^[a-zA-Z]+$/);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the other forms', () => {
  const decided = (body: Body, person = false) => {
    const read = readDecision(body, today, person);
    return read.ok ? {} : Object.fromEntries(Object.entries(read.errors).map(([name, { code }]) => [name, code]));
  };
  const decline = { decision: 'decline', reasonCode: 'too_early', instead: 'Vi ringer.' };
  test.each<[string, Body, Record<string, string>]>([
    ['nothing', {}, { decision: 'choose' }],
    ['unknown decision', { decision: 'maybe' }, { decision: 'choice' }],
    ['confirm, nothing else', { decision: 'confirm' }, { kind: 'choose', purpose: 'required' }],
    ['confirm', { decision: 'confirm', kind: 'sip', purpose: 'Plan' }, {}],
    ['confirm, unsure', { decision: 'confirm', kind: 'unsure', purpose: 'Plan' }, { kind: 'choice' }],
    ['decline, nothing else', { decision: 'decline' }, { reasonCode: 'choose', instead: 'required' }],
    ['decline', decline, {}],
    ['decline with a hold’s reason', { ...decline, reasonCode: 'awaiting_care' }, { reasonCode: 'choice' }],
    ['decline and tell the outcome', { ...decline, disclosure: 'outcome' }, {}],
    ['decline and tell why', { ...decline, disclosure: 'outcome_and_reason' }, { disclosureGround: 'required' }],
    ['with a ground', { ...decline, disclosure: 'outcome_and_reason', disclosureGround: 'OSL 12:2' }, {}],
    ['unknown disclosure', { ...decline, disclosure: 'all' }, { disclosure: 'choice' }],
    ['ask', { decision: 'ask' }, {}],
    ['hold', { decision: 'hold' }, {}],
    ['hold with a reason to decline', { decision: 'hold', reasonCode: 'too_early' }, { reasonCode: 'choice' }],
    ['hold until no date', { decision: 'hold', holdUntil: '2026-02-30' }, { holdUntil: 'date' }],
    [
      'a number in the outward text',
      { decision: 'ask', outwardText: '20120129-2388' },
      { outwardText: 'numberInText' },
    ],
  ])('decision: %s', (_name, body, expected) => {
    expect(decided(body)).toEqual(expected);
  });

  test('every decline and hold code of states.md is taken', () => {
    const declines = [
      ...['other_contact_enough', 'already_planned', 'too_early', 'not_suitable_now', 'purpose_unclear'],
      ...[
        'consent_missing',
        'person_declines',
        'other_responsible',
        'outside_task',
        'no_capacity',
        'duplicate',
        'other',
      ],
    ];
    const holds = ['awaiting_certificate', 'awaiting_care', 'awaiting_person', 'awaiting_employer', 'other'];
    for (const reasonCode of declines) expect(decided({ ...decline, reasonCode })).toEqual({});
    for (const reasonCode of holds) expect(decided({ decision: 'hold', reasonCode })).toEqual({});
  });

  test.each<[Body, at: string, expected: string]>([
    [{ channel: 'phone', receivedAt: '2026-11-20' }, now, '2026-11-20T11:00:00.000Z'],
    [{ channel: 'phone', receivedAt: '2026-11-20T08:15' }, now, '2026-11-20T07:15:00.000Z'],
    [{ channel: 'phone' }, now, now],
    [{ channel: 'letter', receivedAt: '2026-11-23' }, now, now],
    [{ channel: 'own_initiative', receivedAt: '2026-11-24' }, now, 'receivedAt future'],
    [{ channel: 'letter', receivedAt: '2026-11-23T10:01' }, now, 'receivedAt future'],
    [{ channel: 'letter', receivedAt: 'i går' }, now, 'receivedAt date'],
    [{ channel: 'web' }, now, now],
    [{ channel: 'fax' }, now, 'channel choice'],
    [{}, now, 'channel choose'],
  ])('channel %o: %s', (body, at, expected) => {
    const read = readChannel(body, at);
    const told = read.ok
      ? read.value.receivedAt
      : Object.entries(read.errors)
          .map(([name, { code }]) => `${name} ${code}`)
          .join();
    expect(told).toBe(expected);
  });

  test('a supplement needs a text, a withdrawal no reason, and neither takes a number', () => {
    expect(readNote({}, 'text', today)).toMatchObject({ ok: false, errors: { text: { code: 'required' } } });
    expect(readNote({}, 'reason', today)).toEqual({ ok: true, value: '' });
    expect(readNote({ text: 'x'.repeat(600) }, 'text', today)).toEqual({ ok: true, value: 'x'.repeat(600) });
    for (const text of ['x'.repeat(601), '20120129-2388']) expect(readNote({ text }, 'text', today).ok).toBe(false);
  });
});

describe('FieldReader', () => {
  test('keeps the first fault of a field', () => {
    const r = new FieldReader({ a: 'x' });
    r.fail('a', 'one');
    r.fail('a', 'two', { n: 1 });
    r.fail('b', 'three', { n: 1 });
    expect(r.errors).toEqual({ a: { code: 'one', params: undefined }, b: { code: 'three', params: { n: 1 } } });
  });

  test('makes the value only when nothing is wrong', () => {
    let made = 0;
    const good = new FieldReader({ a: 'x' });
    good.line('a', { cap: 1 });
    expect(good.done(() => ++made)).toEqual({ ok: true, value: 1 });
    const bad = new FieldReader({ a: 'xy' });
    bad.line('a', { cap: 1 });
    expect(bad.done(() => ++made)).toMatchObject({ ok: false, values: { a: 'xy' } });
    expect(made).toBe(1);
  });

  test.each<[string, ok: boolean]>([
    ['070-174 06 05', true],
    ['+46 70 174 06 05', true],
    ['(08) 465 004 11', true],
    ['08/465 004', true],
    ['123456', false],
    ['1234567890123456', false],
    ['070-174 06 05 ankn', false],
    ['+4670+1740605', false],
    ['', true],
  ])('telephone %s: %s', (typed, ok) => {
    const r = new FieldReader({ p: typed });
    r.phone('p');
    expect(r.ok).toBe(ok);
  });

  test.each<[string, boolean, date: string | null, code: string | null]>([
    ['2026-11-23', true, '2026-11-23', null],
    ['', false, null, null],
    ['', true, null, 'required'],
    ['2026-02-30', false, null, 'date'],
    ['23/11 2026', false, null, 'date'],
  ])('date %s, required %s', (typed, required, date, code) => {
    const r = new FieldReader({ d: typed });
    expect(r.date('d', { required })).toBe(date);
    expect(r.errors.d?.code ?? null).toBe(code);
    expect(r.values.d).toBe(typed);
  });

  test('a box is ticked by any value, and an unticked one leaves none', () => {
    const r = new FieldReader({ a: 'on', b: '' });
    expect([r.flag('a'), r.flag('b'), r.flag('c')]).toEqual([true, false, false]);
    expect(r.values).toEqual({ a: 'on' });
  });
});
