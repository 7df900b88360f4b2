import { describe, expect, test } from 'vitest';
import {
  checkField,
  compareField,
  type FieldRule,
  fieldsOf,
  fingerprint,
  type MinutesMove,
  type MinutesState,
  measureParties,
  minutesStates,
  moveMinutes,
  outline,
  questionsOf,
  type TemplateFacts,
  textCap,
} from '../../src/features/minutes/rules.ts';
import { agreedField, saidField } from '../../src/features/minutes/template/rules.ts';
import { questions } from '../../src/features/request/rules.ts';

describe('moves of minutes', () => {
  const allowed: [MinutesState, MinutesMove, string, MinutesState][] = [
    ['draft', 'release', '', 'review'],
    ['review', 'reopen', '', 'draft'],
    ['review', 'finalise', '', 'finalised'],
    ['draft', 'finalise', 'bråttom', 'finalised'],
  ];
  test.each(allowed)('%s %s (%s) → %s', (from, move, reason, to) => {
    expect(moveMinutes(from, move, reason)).toEqual({ ok: true, value: to });
  });

  test('a draft is not finalised without a reason for leaving review out', () => {
    expect(moveMinutes('draft', 'finalise', '')).toEqual({ ok: false, code: 'reason_needed' });
  });

  test('every other move is refused', () => {
    const refused = minutesStates.flatMap((from) =>
      (['release', 'reopen', 'finalise'] as const)
        .filter((move) => !allowed.some(([state, listed]) => state === from && listed === move))
        .map((move) => [from, move, moveMinutes(from, move, 'skäl')]),
    );
    expect(refused).toEqual([
      ['draft', 'reopen', { ok: false, code: 'not_now' }],
      ['review', 'release', { ok: false, code: 'not_now' }],
      ['finalised', 'release', { ok: false, code: 'finalised' }],
      ['finalised', 'reopen', { ok: false, code: 'finalised' }],
      ['finalised', 'finalise', { ok: false, code: 'finalised' }],
    ]);
  });
});

describe('two who write in the same field', () => {
  const saved = { text: 'nytt', version: 3 };
  const was = fingerprint('gammalt');
  test.each([
    ['the version it was read with', { text: 'mitt', baseVersion: 3 }, 'write'],
    ['an older version', { text: 'mitt', baseVersion: 2 }, 'conflict'],
    ['an older version that says the same', { text: 'nytt', baseVersion: 1 }, 'same'],
    ['a version that never was', { text: 'mitt', baseVersion: 4 }, 'conflict'],
    ['an older version and a changed text', { text: 'mitt', baseVersion: 2, was }, 'conflict'],
    ['an older version and an untouched text', { text: 'gammalt', baseVersion: 2, was }, 'same'],
    ['the right version and an untouched text', { text: 'nytt', baseVersion: 3, was: fingerprint('nytt') }, 'same'],
    ['an emptied text', { text: '', baseVersion: 3, was: fingerprint('nytt') }, 'write'],
  ])('%s', (_what, change, outcome) => {
    expect(compareField(saved, { field: 'canDo', ...change })).toBe(outcome);
  });

  test('a field that nobody has written in is version 0', () => {
    const empty = { text: '', version: 0 };
    expect(compareField(empty, { field: 'canDo', text: 'mitt', baseVersion: 0 })).toBe('write');
    expect(compareField(empty, { field: 'canDo', text: '', baseVersion: 0 })).toBe('same');
  });
});

describe('what may stand in a field', () => {
  const text: FieldRule = { name: 'canDo', type: 'text' };
  const date: FieldRule = { name: 'followUpDate', type: 'date' };
  const code: FieldRule = { name: 'sipOverall', type: 'code', codes: ['region', 'kommun'] };
  test.each([
    [text, '  Sitta\r\noch stå ', { ok: true, value: 'Sitta\noch stå' }],
    [text, 'å'.repeat(textCap), { ok: true, value: 'å'.repeat(textCap) }],
    [text, 'å'.repeat(textCap + 1), { ok: false, code: 'tooLong' }],
    [date, '2026-12-01', { ok: true, value: '2026-12-01' }],
    [date, '2026-02-30', { ok: false, code: 'date' }],
    [date, 'nästa vecka', { ok: false, code: 'date' }],
    [date, '', { ok: true, value: '' }],
    [code, 'kommun', { ok: true, value: 'kommun' }],
    [code, 'staten', { ok: false, code: 'choice' }],
    [code, ' ', { ok: true, value: '' }],
  ])('%j %s', (rule, typed, decision) => {
    expect(checkField(rule, typed)).toEqual(decision);
  });
});

describe('the template of a kind', () => {
  const facts: TemplateFacts = {
    ...{ version: 1, kind: 'reconciliation', participantIds: ['p1'], asked: [], ownQuestion: '' },
  };

  test('asks every standard question, those of the request first', () => {
    const found = questionsOf({ ...facts, asked: ['activity', 'part_time'], ownQuestion: 'Får hunden vara med?' });
    expect(found.slice(0, 4)).toEqual([
      { code: 'activity', asked: true },
      { code: 'part_time', asked: true },
      { code: 'own_question', asked: true },
      { code: 'adaptation', asked: false },
    ]);
    expect(found.map(({ code }) => code).sort()).toEqual([...questions, 'own_question'].sort());
  });

  test('a SIP has what HSL 16:4 asks for and leaves questions of work out, unless somebody asked them', () => {
    const sip = fieldsOf({ ...facts, kind: 'sip', asked: ['part_time'] });
    expect([...sip.keys()]).toEqual(expect.arrayContaining(['sipNeeds', 'sipOverall', saidField('part_time')]));
    expect(sip.has(saidField('work_training'))).toBe(false);
    expect(fieldsOf(facts).has('sipNeeds')).toBe(false);
  });

  test('attendance is a field of each participant and of nobody else', () => {
    const fields = fieldsOf(facts);
    expect(fields.get('attendance-p1')).toEqual({
      name: 'attendance-p1',
      type: 'code',
      codes: ['present', 'part', 'remote', 'absent'],
    });
    expect(fields.has('attendance-p2')).toBe(false);
  });

  test('measures are for everybody but the interpreter, those at the meeting first', () => {
    const { here, others } = measureParties([
      { party: 'PERSON' },
      { party: 'ARBG' },
      { party: 'TOLK' },
      { party: 'ARBG' },
    ]);
    expect(here).toEqual(['PERSON', 'FK', 'ARBG']);
    expect(others).toContain('AF');
    expect([...here, ...others]).not.toContain('TOLK');
    expect(new Set([...here, ...others]).size).toBe(here.length + others.length);
  });

  test('what nobody wrote leaves no heading', () => {
    const texts = { [agreedField('part_time')]: 'Halvtid', notAgreed: 'Tempot' };
    expect(outline(facts, texts)).toEqual([
      { heading: 'question.part_time', texts: [{ label: 'min.agreed', text: 'Halvtid', own: false }] },
      { heading: 'min.notAgreed', texts: [{ label: '', text: 'Tempot', own: false }] },
    ]);
    expect(outline(facts, {})).toEqual([]);
  });
});
