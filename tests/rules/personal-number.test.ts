import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containsPersonalNumber,
  formatPersonalNumber,
  maskPersonalNumber,
  parsePersonalNumber,
} from '../../src/kernel/personal-number.ts';
import { addDays } from '../../src/kernel/time.ts';

const TODAY = '2026-11-23';
const REFUSED = { ok: false, code: 'number' };
const personal = (digits: string) => ({ ok: true, digits, kind: 'personal' });
const coordination = (digits: string) => ({ ok: true, digits, kind: 'coordination' });

/** The check digit as Skatteverket describes it by hand: the digit sum of the products, up to the next ten. */
const checkDigit = (nine: string): string => {
  const products = [...nine].map((digit, i) => String(Number(digit) * ((i + 1) % 2 === 1 ? 2 : 1))).join('');
  return String((10 - ([...products].reduce((sum, digit) => sum + Number(digit), 0) % 10)) % 10);
};

/** The twelve digits of a birth date, written day and serial: generated in memory, never written down. */
const numberOf = (date: string, serial: number, dayOffset = 0): string => {
  const day = String(Number(date.slice(8)) + dayOffset).padStart(2, '0');
  const nine = `${date.slice(2, 4)}${date.slice(5, 7)}${day}${String(serial).padStart(3, '0')}`;
  return date.slice(0, 2) + nine + checkDigit(nine);
};

const withSign = (digits: string, sign: string) => `${digits.slice(2, 8)}${sign}${digits.slice(8)}`;

const serials = fc.integer({ min: 1, max: 999 });
const births = (min: string, max: string) =>
  fc.integer({ min: 0, max: (Date.parse(max) - Date.parse(min)) / 86_400_000 }).map((days) => addDays(min, days));
const anyNumber = fc
  .tuple(births('1840-05-06', TODAY), serials, fc.constantFrom(0, 60))
  .map(([date, serial, offset]) => ({ date, digits: numberOf(date, serial, offset), offset }));

describe('parsePersonalNumber', () => {
  it.each([
    ['19970131-2390', personal('199701312390')],
    ['199701312390', personal('199701312390')],
    ['970131-2390', personal('199701312390')],
    ['9701312390', personal('199701312390')],
    ['  970131-2390\n', personal('199701312390')],
    ['970131 2390', personal('199701312390')],
    ['19970131 - 2390', personal('199701312390')],
    ['970131\u20132390', personal('199701312390')],
    ['20181231-2385', personal('201812312385')],
    ['181231-2385', personal('201812312385')],
    ['181231+2385', personal('191812312385')],
    ['20120129-2388', personal('201201292388')],
    ['120129-2388', personal('201201292388')],
    ['19701063-2391', coordination('197010632391')],
    ['701063-2391', coordination('197010632391')],
    ['19701060-2394', coordination('197010602394')],
    ['701060-2394', coordination('197010602394')],
  ])('%j is accepted', (text, expected) => {
    expect(parsePersonalNumber(text, TODAY)).toEqual(expected);
  });

  it.each([
    ['nothing', ''],
    ['letters', 'ABCDEFGHIJ'],
    ['wrong check digit', '970131-2391'],
    ['eleven digits', '19970131239'],
    ['thirteen digits', '1997013123900'],
    ['eight digits', '19970131'],
    ['hyphens in the date', '1997-01-31-2390'],
    ['hyphen elsewhere', '9701-312390'],
    ['two hyphens', '970131--2390'],
    ['masked', '19970131-XXXX'],
    ['other text with it', 'nr 970131-2390'],
    ['digits of another script', '\u0669\u0667\u0660\u0661\u0663\u0661\u0662\u0663\u0669\u0660'],
    ['a plus on a person under 100', '19970131+2390'],
    ['a century to come', '20970131-2390'],
    ['a century too early', '17970131-2390'],
    ['a plus that puts it before 1840', withSign(numberOf('1939-05-06', 238), '+')],
    ['zeros', '000000-0000'],
  ])('%s is refused', (_, text) => {
    expect(parsePersonalNumber(text, TODAY)).toEqual(REFUSED);
  });

  it.each([
    ['month 13', '1997-13-31'],
    ['month 0', '1997-00-31'],
    ['day 0', '1997-01-00'],
    ['30 February', '1996-02-30'],
    ['29 February of an ordinary year', '1997-02-29'],
    ['the day before the oldest', '1840-05-05'],
    ['tomorrow', '2026-11-24'],
    ['a coordination number of day 32', '1997-01-92'],
    ['a coordination number of 30 February', '1996-02-90'],
    ['a coordination number of tomorrow', '2026-11-84'],
    ['an unknown day of month 13', '1997-13-60'],
    ['an unknown day of month 0', '1997-00-60'],
    ['an unknown day of next month', '2026-12-60'],
  ])('%s is refused with the right check digit too', (_, date) => {
    expect(parsePersonalNumber(numberOf(date, 238), TODAY)).toEqual(REFUSED);
  });

  it.each([
    '1840-05-06',
    '1900-02-28',
    '1996-02-29',
    '2000-02-29',
    '2026-11-23',
    '1997-01-91',
    '1996-02-89',
    '2026-11-60',
  ])('%s is within bounds', (date) => {
    expect(parsePersonalNumber(numberOf(date, 238), TODAY)).toMatchObject({ ok: true });
  });

  it('accepts every serial of one day, with twelve digits and with a plus', () => {
    for (let serial = 1; serial <= 999; serial++) {
      const digits = numberOf('1912-02-11', serial);
      expect(parsePersonalNumber(formatPersonalNumber(digits), TODAY)).toEqual(personal(digits));
      expect(parsePersonalNumber(withSign(digits, '+'), TODAY)).toEqual(personal(digits));
    }
  });

  it('reads back what it formats, with the right kind', () => {
    fc.assert(
      fc.property(anyNumber, ({ digits, offset }) => {
        const expected = { ok: true, digits, kind: offset === 0 ? 'personal' : 'coordination' };
        expect(parsePersonalNumber(formatPersonalNumber(digits), TODAY)).toEqual(expected);
        expect(parsePersonalNumber(digits, TODAY)).toEqual(expected);
      }),
    );
  });

  it('accepts an unknown day whatever the month', () => {
    fc.assert(
      fc.property(births('1841-01-01', TODAY), serials, (date, serial) => {
        const digits = numberOf(`${date.slice(0, 8)}00`, serial, 60);
        expect(parsePersonalNumber(digits, TODAY)).toEqual(coordination(digits));
      }),
    );
  });

  it('refuses a number with any one of the ten digits changed', () => {
    fc.assert(
      fc.property(
        anyNumber,
        fc.integer({ min: 2, max: 11 }),
        fc.integer({ min: 1, max: 9 }),
        ({ digits }, position, step) => {
          const changed = (Number(digits[position]) + step) % 10;
          expect(parsePersonalNumber(digits.slice(0, position) + changed + digits.slice(position + 1), TODAY)).toEqual(
            REFUSED,
          );
        },
      ),
      { numRuns: 1000 },
    );
  });

  describe('the century of ten digits', () => {
    // Born 31 January 1997: the hyphen becomes a plus on New Year's Day 2097, not on the birthday.
    it.each([
      ['in the 99th year', '970131-2390', '2096-12-31', personal('199701312390')],
      ['a plus the year before means the century before', '970131+2390', '2096-12-31', personal('189701312390')],
      ['a plus from New Year of the year of turning 100', '970131+2390', '2097-01-01', personal('199701312390')],
      ['a hyphen that year is a newborn, and not yet', '970131-2390', '2097-01-30', REFUSED],
      ['a hyphen that year is a newborn', '970131-2390', '2097-01-31', personal('209701312390')],
      ['a plus on the birthday', '970131+2390', '2097-01-31', personal('199701312390')],
      ['a plus at 114', '970131+2390', '2111-06-01', personal('199701312390')],
      ['twelve digits and a plus the year before', '19970131+2390', '2096-12-31', REFUSED],
      ['twelve digits and a plus that year', '19970131+2390', '2097-01-01', personal('199701312390')],
      ['twelve digits need no plus', '19970131-2390', '2111-06-01', personal('199701312390')],
      ['a coordination number at 99', '701063-2391', '2069-12-31', coordination('197010632391')],
      ['a coordination number at 100', '701063+2391', '2070-01-01', coordination('197010632391')],
    ])('%s', (_, text, today, expected) => {
      expect(parsePersonalNumber(text, today)).toEqual(expected);
    });

    it('with the sign of the age, ten digits agree with twelve', () => {
      fc.assert(
        fc.property(
          births('1840-05-06', '2026-11-23'),
          serials,
          births('2026-11-23', '2039-12-31'),
          (date, serial, today) => {
            const digits = numberOf(date, serial);
            const years = Number(today.slice(0, 4)) - Number(date.slice(0, 4));
            // A plus covers one century only, as in the law: nobody is 200.
            expect(parsePersonalNumber(withSign(digits, years >= 100 ? '+' : '-'), today)).toEqual(
              parsePersonalNumber(digits, today),
            );
          },
        ),
      );
    });
  });
});

describe('maskPersonalNumber', () => {
  it('never shows the last four', () => {
    expect(maskPersonalNumber('199701312390')).toBe('19970131-XXXX');
    expect(maskPersonalNumber('197010602394')).toBe('19701060-XXXX');
  });
});

describe('formatPersonalNumber', () => {
  it('sets the hyphen', () => {
    expect(formatPersonalNumber('199701312390')).toBe('19970131-2390');
  });
});

describe('containsPersonalNumber', () => {
  it.each([
    '970131-2390',
    'Call about 19970131-2390 tomorrow.',
    'born 9701312390, works at home',
    '(701063-2391)',
    'number:197010602394;',
    '970131 2390',
    '970131\u20112390',
    'two lines\n20120129-2388\nmore',
    'the first, 970131-2391, is wrong but 970131-2390 is right',
    '12 970131-2390 12',
    '181231+2385',
  ])('finds one in %j', (text) => {
    expect(containsPersonalNumber(text, TODAY)).toBe(true);
  });

  it.each([
    '',
    'no digits at all',
    '970131-2391',
    '19970131-XXXX',
    '970131',
    'on 2026-11-23 at 13.00',
    '2026-11-23T13:00',
    'a longer run 1199701312390',
    'a longer run 9701312390123',
    'a longer run 970131-23901',
    'a longer run 1970131-2390',
    'phone 070-123 45 67',
    'phone 0771-524 524',
    'phone +46 8 123 456 78',
    'phone 0812345678',
    'phone 46701234567',
    'company 202100-5521',
    'two lines 970131\n2390',
    'decimals 970131.2390',
  ])('finds none in %j', (text) => {
    expect(containsPersonalNumber(text, TODAY)).toBe(false);
  });

  it('finds a number wherever it stands in text without digits', () => {
    const prose = fc.string({ unit: 'grapheme' }).filter((text) => !/\p{Nd}/u.test(text));
    fc.assert(
      fc.property(prose, anyNumber, prose, (before, { digits }, after) => {
        expect(containsPersonalNumber(`${before}${formatPersonalNumber(digits)}${after}`, TODAY)).toBe(true);
      }),
    );
  });
});
