import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createVault } from '../../src/kernel/vault.ts';

const vault = createVault(Buffer.alloc(32, 1));

describe('vault', () => {
  const other = createVault(Buffer.alloc(32, 2));

  test('what was sealed opens to the same text, and two seals of one text differ', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sealed = vault.seal(text);
        expect(vault.open(sealed)).toBe(text);
        expect(vault.seal(text)).not.toBe(sealed);
        expect(sealed).toMatch(/^[0-9a-f]{8}\.[A-Za-z0-9_-]+$/);
        if (text.length > 3) expect(Buffer.from(sealed.slice(9), 'base64url').includes(text)).toBe(false);
      }),
    );
    expect([vault.seal(null), vault.open(null)]).toEqual([null, null]);
  });

  test('a changed value does not open', () => {
    const sealed = vault.seal('Tove Ask');
    const [id, payload] = sealed.split('.') as [string, string];
    const bytes = Buffer.from(payload, 'base64url');
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes);
      changed[i] = (changed[i] as number) ^ 1;
      expect(() => vault.open(`${id}.${changed.toString('base64url')}`), `byte ${i}`).toThrow();
    }
    for (let length = 0; length < bytes.length; length++) {
      expect(() => vault.open(`${id}.${bytes.subarray(0, length).toString('base64url')}`), `${length} bytes`).toThrow();
    }
    for (const broken of ['', 'x', id, `${id}.`, payload]) expect(() => vault.open(broken)).toThrow();
  });

  test('another key is refused, with its id and nothing of the value in the message', () => {
    const sealed = other.seal('Tove Ask');
    expect(sealed.slice(0, 8)).not.toBe(vault.seal('x').slice(0, 8));
    expect(other.seal('y').slice(0, 8)).toBe(sealed.slice(0, 8));
    expect(() => vault.open(sealed)).toThrow(`sealed with another key (${sealed.slice(0, 8)})`);
    const posing = `${vault.seal('x').slice(0, 8)}${sealed.slice(8)}`;
    expect(() => vault.open(posing)).toThrow();
  });

  test('fingerprints are equal for equal numbers and one key, and only then', () => {
    const numbers = ['199701312390', '201812312385', '201201292388', '197010632391', '197010602394'];
    const prints = [...numbers, ...numbers].map(vault.fingerprint);
    expect(new Set(prints).size).toBe(numbers.length);
    expect(prints.slice(0, 5)).toEqual(prints.slice(5));
    for (const number of numbers) {
      expect(other.fingerprint(number)).not.toBe(vault.fingerprint(number));
      expect(vault.fingerprint(number)).not.toBe(vault.stamp(number));
    }
  });
});
