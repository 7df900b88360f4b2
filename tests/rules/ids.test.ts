import { expect, test } from 'vitest';
import { looksLikeId, newId, newReference } from '../../src/kernel/ids.ts';

const now = '2026-11-23T09:00:00.000Z';

test('ids are UUIDs of version 7 that hold the millisecond', () => {
  const id = newId(now);
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16)).toBe(Date.parse(now));
  expect(looksLikeId(id)).toBe(true);
});

test('ids of one millisecond sort in the order they were made, and those of later ones after them', () => {
  const ids = Array.from({ length: 10_000 }, () => newId(now));
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids.map((id) => id.slice(24))).size, 'the rest is random').toBeGreaterThan(9_990);
  const last = ids.at(-1) as string;
  expect(newId('2026-11-23T09:00:00.001Z') > last).toBe(true);
  expect(newId('2026-11-23T08:59:59.999Z') < (ids[0] as string)).toBe(true);
});

test('references can be read out: eight characters without look-alikes, all different', () => {
  const references = Array.from({ length: 1_000 }, newReference);
  for (const reference of references) expect(reference).toMatch(/^[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}$/);
  expect(new Set(references).size).toBe(1_000);
});

test.each([
  ['12345678', true],
  ['a-b_C-9x', true],
  ['1234567', false],
  ['1234567/', false],
  ['åäöåäöåäö', false],
  ['', false],
  ['x'.repeat(65), false],
])('%s can be an id: %s', (text, expected) => {
  expect(looksLikeId(text)).toBe(expected);
});
