import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Change,
  type CorrectionKind,
  type CorrectionState,
  changesOf,
  changesPrint,
  decideCorrection,
  keyOf,
  mapLeaves,
  placesOf,
  type TextAt,
  wantedOf,
} from '../../src/features/correction/rules.ts';
import type { Role } from '../../src/kernel/access.ts';
import { keepRemovals, removalMark, showRemovals } from '../../src/kernel/removal.ts';
import { normaliseText } from '../../src/kernel/text.ts';

const on = '2026-11-25';
const mark = removalMark(on);
const at = (holder: TextAt['holder'], field: string, text: string, id = holder): TextAt => ({
  ...{ holder, id, field, path: field, column: 'c', text },
});
const long = 'Hon har berättat om sin migrän och sömn.';

describe('what stands where a text was', () => {
  test('is shown in words, and nobody can type it', () => {
    expect(showRemovals(`Före ${mark} efter ${mark}`, (day) => `[${day}]`)).toBe(`Före [${on}] efter [${on}]`);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (typed) => {
        const kept = normaliseText(`${mark}${typed}${mark}`);
        expect(showRemovals(kept, () => 'shown')).toBe(kept);
      }),
    );
  });

  test.each([
    ['a mark that came back as words', 'Före [x] mer', `Före ${mark}`, `Före ${mark} mer`],
    ['words that were never a mark', 'Före [x]', 'Före', 'Före [x]'],
    ['one mark and one imitation', '[x] [x]', `${mark} ja`, `${mark} [x]`],
    ['a mark that its writer took away', 'Före', `Före ${mark}`, 'Före'],
  ])('%s', (_what, typed, before, expected) => {
    expect(keepRemovals(typed, before, () => '[x]')).toBe(expected);
  });
});

describe('two different people', () => {
  const proposal = (kind: CorrectionKind, role: Role, state: CorrectionState = 'proposed') => ({
    ...{ kind, state, proposedBy: { id: 'anna', name: 'Anna', role } },
  });
  test.each<[string, Parameters<typeof decideCorrection>[0], string, Role, approve: string, reject: string]>([
    ['another officer', proposal('wrong_person', 'officer'), 'bo', 'officer', 'approved', 'rejected'],
    ['a manager', proposal('too_much_health', 'officer'), 'bo', 'manager', 'approved', 'rejected'],
    ['whoever proposed it', proposal('wrong_person', 'officer'), 'anna', 'officer', 'forbidden', 'forbidden'],
    ['whoever proposed it, as manager', proposal('misfile', 'officer'), 'anna', 'manager', 'forbidden', 'forbidden'],
    [
      'their manager assignment',
      proposal('wrong_person', 'officer'),
      'anna as manager',
      'manager',
      'forbidden',
      'forbidden',
    ],
    ['a manager, of a misfile', proposal('misfile', 'officer'), 'bo', 'manager', 'approved', 'rejected'],
    ['an officer, of a manager’s misfile', proposal('misfile', 'manager'), 'bo', 'officer', 'approved', 'rejected'],
    ['a second officer, of a misfile', proposal('misfile', 'officer'), 'bo', 'officer', 'manager_needed', 'rejected'],
    ...(['approved', 'rejected'] as const).map(
      (state): [string, Parameters<typeof decideCorrection>[0], string, Role, string, string] => [
        `one who comes after it was ${state}`,
        ...([proposal('wrong_person', 'officer', state), 'bo', 'manager'] as const),
        ...(['changed_by_someone_else', 'changed_by_someone_else'] as const),
      ],
    ),
  ])('%s', (_who, correction, id, role, approve, reject) => {
    for (const [move, expected] of [
      ['approve', approve],
      ['reject', reject],
    ] as const) {
      const decided = decideCorrection(correction, move, { id, near: id === 'anna as manager' ? ['anna'] : [], role });
      expect(decided.ok ? decided.value : decided.code).toBe(expected);
    }
  });
});

describe('where a text stands', () => {
  const texts = [
    at('request', 'purpose', `Mål: ${long}`),
    at('request', 'tried', 'Ja'),
    at('minutes_field', 'canDo', `Sitta.\n${long.replaceAll(' ', '  ').toUpperCase()}\nStå.`),
    at('minutes_field', 'tried', 'ja'),
    at('measure', 'text', 'Hjälpa Ja-sägaren i hjälpen'),
    at('document', 'canDo', long),
    at('document', 'purpose', 'Något annat'),
  ];
  const changed = (changes: readonly Change[]) => changes.map((one) => [keyOf(one), one.after]);
  const want = (picks: string[], passage: string) => {
    const wanted = wantedOf(texts, { picks, passage, reason: 'Ett skäl.' });
    if (!wanted.ok) throw new Error(wanted.code);
    return changesOf(texts, wanted.value, on);
  };

  test('a passage goes wherever it was copied, whatever its white space and case, and what is beside it stays', () => {
    expect(changed(want([], long))).toEqual([
      ['request/request/purpose', `Mål: ${mark}`],
      ['minutes_field/minutes_field/canDo', `Sitta.\n${mark}\nStå.`],
      ['document/document/canDo', mark],
    ]);
  });

  test('a passage is never a part of a word, and special characters are no pattern', () => {
    expect(changed(want([], 'hjälpa'))).toEqual([['measure/measure/text', `${mark} Ja-sägaren i hjälpen`]]);
    const odd = [at('talk', 'how', 'a.b (c) [d] $& axb')];
    const wanted = wantedOf(odd, { picks: [], passage: 'a.b (c) [d] $&', reason: '' });
    expect(wanted.ok && changed(changesOf(odd, wanted.value, on))).toEqual([['talk/talk/how', `${mark} axb`]]);
  });

  test('a whole text goes with its copies: a short one only where it is the whole of the same field', () => {
    expect(changed(want(['request/request/tried'], ''))).toEqual([
      ['request/request/tried', mark],
      ['minutes_field/minutes_field/tried', mark],
    ]);
    expect(want(['request/request/purpose'], '').map(keyOf)).toEqual(['request/request/purpose']);
  });

  test('removing once more changes nothing, nor does a word that the mark has', () => {
    const once = want([], long);
    const then = texts.map((one) => ({
      ...one,
      text: once.find((other) => keyOf(other) === keyOf(one))?.after ?? one.text,
    }));
    const wanted = wantedOf(texts, { picks: [], passage: long, reason: '' });
    expect(wanted.ok && changesOf(then, wanted.value, on)).toEqual([]);
    expect(changesOf(then, { picks: [], passages: ['removed', on], whole: false }, on)).toEqual([]);
  });

  test('what was looked at is told from what stands there now, and the day makes no difference', () => {
    const [before, other] = [want([], long), want(['request/request/tried'], '')];
    expect(changesPrint(before)).not.toBe(changesPrint(other));
    const wanted = wantedOf(texts, { picks: [], passage: long, reason: '' });
    expect(wanted.ok && changesPrint(changesOf(texts, wanted.value, '2026-12-01'))).toBe(changesPrint(before));
  });

  test('what is kept names the fields and holds no text', () => {
    expect(placesOf(want([], long))).toEqual([
      { holder: 'request', field: 'purpose' },
      { holder: 'minutes_field', field: 'canDo' },
      { holder: 'document', field: 'canDo' },
    ]);
  });

  test.each([
    ['nothing', [], '', '', 'pick_something'],
    ['a text in a document, which is a copy', ['document/document/canDo'], '', '', 'pick_something'],
    ['a text of another case', ['request/other/purpose'], '', '', 'pick_something'],
    ['two characters', [], 'Ja', '', 'passage_short'],
    ['what stands nowhere', [], 'migränen', '', 'passage_nowhere'],
    ['a reason that repeats the passage', [], 'migrän', 'Hon har Migrän.', 'reason_repeats'],
    ['a reason that repeats the text', ['request/request/tried'], '', 'Det stod ja.', 'reason_repeats'],
  ])('is refused for %s', (_what, picks, passage, reason, code) => {
    expect(wantedOf(texts, { picks, passage, reason })).toEqual({ ok: false, code });
  });
});

test('only the texts at the paths are changed', () => {
  const value = {
    purpose: 'a',
    number: 'b',
    measures: [{ text: 'c', id: 'd' }, { text: 'e' }],
    texts: { x: 'f' },
    n: 1,
    z: null,
  };
  const seen: string[] = [];
  const after = mapLeaves(value, ['purpose', 'measures.*.text', 'texts.*', 'n', 'z'], (path, text) => {
    seen.push(path);
    return text.toUpperCase();
  });
  expect(after).toEqual({
    ...value,
    purpose: 'A',
    measures: [{ text: 'C', id: 'd' }, { text: 'E' }],
    texts: { x: 'F' },
  });
  expect(seen).toEqual(['purpose', 'measures.0.text', 'measures.1.text', 'texts.x']);
});
