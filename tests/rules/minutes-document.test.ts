import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  correctedOn,
  documentHash,
  type Filed,
  faultsOf,
  fileName,
  noPrevious,
  removalsIn,
  removeFromDocument,
  type Sealed,
  sealContent,
  sectionHash,
  sectionsOf,
  verifyChain,
  verifyDocument,
} from '../../src/features/filing/document/rules.ts';
import { canonicalJson, newSalt } from '../../src/kernel/digest.ts';

type Content = { texts: Record<string, string>; measures: { number: number; text: string }[] };
const name = fc.stringMatching(/^[a-z]{1,8}$/);
const contents = fc.record<Content>({
  texts: fc.dictionary(name, fc.string({ minLength: 1 }), { minKeys: 1, maxKeys: 5, noNullPrototype: true }),
  measures: fc.array(fc.record({ number: fc.nat(), text: fc.string() }), { maxLength: 3 }),
});

/** A case's documents, each sealed after the one before. */
function chain(list: Content[]): Sealed<Content>[] {
  const made: Sealed<Content>[] = [];
  for (const content of list) made.push(sealContent(content, made.at(-1)?.hash ?? noPrevious, newSalt));
  return made;
}

const by = { correction: 'one', on: '2026-11-25' };

/** The document with a mark in the place of one text: the salt goes with the text, the hash stays. */
function withoutText(sealed: Sealed<Content>, field: string): Sealed<Content> {
  const { sections, previousHash, hash, ...content } = sealed;
  return removeFromDocument(sealed, { ...content, texts: { ...sealed.texts, [field]: 'a mark' } }, by, newSalt);
}

describe('the hash of a document', () => {
  test('is the same after a removed text, and after a round through JSON', () => {
    fc.assert(
      fc.property(contents, (content) => {
        const sealed = sealContent(content, noPrevious, newSalt);
        const field = Object.keys(content.texts)[0] as string;
        const removed = withoutText(sealed, field);
        expect(verifyDocument(JSON.parse(JSON.stringify(sealed)))).toBe(true);
        expect(verifyDocument(removed)).toBe(true);
        expect(documentHash(removed.sections, noPrevious)).toBe(sealed.hash);
        expect(removed.hash).toBe(sealed.hash);
        const twice = withoutText({ ...removed, texts: { ...removed.texts } }, field);
        expect(twice).toEqual(removed);
      }),
    );
  });

  test('breaks when any character of any text is another', () => {
    fc.assert(
      fc.property(contents, fc.nat(), fc.nat(), (content, which, where) => {
        const sealed = sealContent(content, noPrevious, newSalt);
        const fields = Object.keys(content.texts);
        const field = fields[which % fields.length] as string;
        const text = content.texts[field] as string;
        const at = where % text.length;
        const other = String.fromCharCode((text.charCodeAt(at) + 1) % 0xd800);
        const altered = {
          ...sealed,
          texts: { ...sealed.texts, [field]: text.slice(0, at) + other + text.slice(at + 1) },
        };
        expect(verifyDocument(altered)).toBe(false);
      }),
    );
  });

  const content: Content = { texts: { canDo: 'Sitta', ownWords: 'Lagom' }, measures: [{ number: 1, text: 'Ring' }] };
  const sealed = sealContent(content, noPrevious, newSalt);
  const { 'texts.canDo': canDo, 'texts.ownWords': ownWords } = sealed.sections;
  if (!canDo || !ownWords) throw new Error('a section is missing');
  const { measures, ...withoutMeasures } = sealed;
  test.each<[string, Sealed<object>]>([
    ['a text that was added', { ...sealed, texts: { ...sealed.texts, notAgreed: 'Tempot' } } as Sealed<object>],
    ['a part that was taken away with its texts', withoutMeasures],
    ['a measure of another number', { ...sealed, measures: [{ number: 2, text: 'Ring' }] } as Sealed<object>],
    ['another salt', { ...sealed, sections: { ...sealed.sections, 'texts.canDo': { ...canDo, salt: newSalt() } } }],
    [
      'a salt that is gone while the text stands',
      {
        ...sealed,
        sections: {
          ...sealed.sections,
          'texts.canDo': { salt: null, hash: canDo.hash, removed: { ...by, salt: newSalt(), hash: canDo.hash } },
        },
      },
    ],
    [
      'two texts that changed places',
      {
        ...sealed,
        texts: { canDo: 'Lagom', ownWords: 'Sitta' },
        sections: { ...sealed.sections, 'texts.canDo': ownWords, 'texts.ownWords': canDo },
      } as Sealed<object>,
    ],
    [
      'a mark that was written over',
      { ...withoutText(sealed, 'canDo'), texts: { canDo: 'Springa', ownWords: 'Lagom' } } as Sealed<object>,
    ],
    ['another hash', { ...sealed, hash: noPrevious }],
    ['another document before it', { ...sealed, previousHash: 'f'.repeat(64) }],
  ])('breaks by %s', (_what, altered) => {
    expect(verifyDocument(sealed)).toBe(true);
    expect(verifyDocument(altered)).toBe(false);
  });

  test('does not tell a short text to somebody who guesses it', () => {
    const [first, second] = [sealContent(content, noPrevious, newSalt), sealContent(content, noPrevious, newSalt)];
    expect(first.sections['texts.canDo']?.hash).not.toBe(second.sections['texts.canDo']?.hash);
    expect(sectionHash('a', 'bc')).not.toBe(sectionHash('ab', 'c'));
  });
});

describe('the chain of a case', () => {
  test('verifies as it was made, also when a text has been removed', () => {
    fc.assert(
      fc.property(fc.array(contents, { minLength: 1, maxLength: 4 }), fc.nat(), (list, which) => {
        const documents: Sealed<object>[] = chain(list);
        const at = which % documents.length;
        expect(verifyChain(documents)).toBe(true);
        const one = documents[at] as Sealed<Content>;
        expect(verifyChain(documents.with(at, withoutText(one, Object.keys(one.texts)[0] as string)))).toBe(true);
      }),
    );
  });

  test('breaks when a document is left out, moved or made anew', () => {
    const list = ['ett', 'två', 'tre'].map((text): Content => ({ texts: { canDo: text }, measures: [] }));
    const [one, two, three] = chain(list) as [Sealed<Content>, Sealed<Content>, Sealed<Content>];
    const anew = sealContent({ ...list[1] }, one.hash, newSalt);
    expect(verifyChain([])).toBe(true);
    expect(verifyChain([one, two, three])).toBe(true);
    expect(verifyChain([one, three])).toBe(false);
    expect(verifyChain([two, one, three])).toBe(false);
    expect(verifyChain([one, anew, three])).toBe(false);
    expect(verifyChain([two, three])).toBe(false);
  });
});

describe('what corrections took out of a document', () => {
  const content: Content = { texts: { canDo: 'Sitta', ownWords: 'Lagom' }, measures: [] };
  const whole = sealContent(content, noPrevious, newSalt);
  const once = withoutText(whole, 'canDo');
  const filed = (document: Sealed<object>, approved: Filed['approved']): Filed => ({
    ...{ id: 'd', caseId: 'c', position: 1, sealed: true, attached: document, content: document, approved },
    ...{ hash: document.hash, previousHash: document.previousHash },
  });

  test('is named section by section, with its day', () => {
    expect(removalsIn(whole)).toEqual({});
    expect(correctedOn(whole)).toBe(null);
    expect(Object.keys(removalsIn(once))).toEqual(['texts.canDo']);
    expect(removalsIn(once)['texts.canDo']).toMatchObject(by);
    const texts = { canDo: 'a mark', ownWords: 'a later mark' };
    const later = removeFromDocument(once, { ...content, texts }, { correction: 'two', on: '2026-12-01' }, newSalt);
    expect(correctedOn(later)).toBe('2026-12-01');
    expect(removalsIn(later)['texts.canDo']).toEqual(removalsIn(once)['texts.canDo']);
    expect(verifyChain([later])).toBe(true);
  });

  test.each<[string, Sealed<object>, Filed['approved'], string[]]>([
    ['nothing', whole, {}, []],
    ['what was approved', once, { 'texts.canDo': ['one'] }, []],
    ['what two corrections took after each other', once, { 'texts.canDo': ['zero', 'one'] }, []],
    ['what nobody approved', once, {}, ['removal']],
    ['what another correction was for', once, { 'texts.canDo': ['two'] }, ['removal']],
    ['one section where another was approved', once, { 'texts.ownWords': ['one'] }, ['removal']],
    ['less than was approved', once, { 'texts.canDo': ['one'], 'texts.ownWords': ['one'] }, ['removal']],
    ['nothing though something was approved', whole, { 'texts.canDo': ['one'] }, ['removal']],
  ])('%s', (_what, document, approved, faults) => {
    expect(faultsOf(filed(document, approved), null)).toEqual(faults);
  });
});

test('canonical JSON does not depend on the order in which a thing was made', () => {
  expect(canonicalJson({ b: [2, { d: 1, c: null }], a: 'å' })).toBe('{"a":"å","b":[2,{"c":null,"d":1}]}');
  expect(sectionsOf({ texts: { b: 'x', a: 'y' }, measures: [{ n: 1 }] })).toEqual([
    { name: 'texts.b', text: '"x"' },
    { name: 'texts.a', text: '"y"' },
    { name: 'measures.0', text: '{"n":1}' },
  ]);
});

test('a file name has nothing but the number', () => {
  expect(fileName('protokoll', '2026/000012-3', 'pdf')).toBe('protokoll-2026-000012-3.pdf');
});
