/** Limits are read as they were typed, shown in the unit that suits, and what they would remove is estimated. */
import { expect, test } from 'vitest';

import { AGE_UNITS, BYTE_UNITS, COUNT_UNITS, limitOf, readLimit, wouldRemove } from './limits';

test.each([
  [2 ** 30, BYTE_UNITS, '1', 2 ** 30],
  [1536 * 2 ** 20, BYTE_UNITS, '1536', 2 ** 20],
  [10_000_000, BYTE_UNITS, '9.537', 2 ** 20],
  [7 * 86_400, AGE_UNITS, '7', 86_400],
  [90, AGE_UNITS, '1.5', 60],
  [1_000, COUNT_UNITS, '1000', 1],
])('%d is shown as a number with a unit', (value, units, text, unit) => {
  expect(limitOf(value, units, 1)).toEqual({ limited: true, text, unit });
});

test('no limit offers the usual one', () => {
  expect(limitOf(null, BYTE_UNITS, 2 ** 30)).toEqual({ limited: false, text: '1', unit: 2 ** 30 });
});

test.each([
  ['2', 2 ** 30, 2 ** 31],
  ['0.5', 2 ** 30, 2 ** 29],
  ['1,000,000', 1, 1_000_000],
  ['1 000', 1, 1_000],
  ['1.5', 1, undefined],
  ['0', 60, undefined],
  ['', 60, undefined],
  ['-1', 60, undefined],
  ['many', 60, undefined],
])('%j times %d is read as %s', (text, unit, value) => {
  expect(readLimit({ limited: true, text, unit })).toBe(value);
});

test('without a limit it does not matter what is typed', () => {
  expect(readLimit({ limited: false, text: 'x', unit: 60 })).toBeNull();
});

const held = { messages: 1_000_000, used: 2 ** 30, older: 0 };
const none = { max_bytes: null, max_messages: null };

test('the strictest limit says how much would go', () => {
  expect(wouldRemove(held, none)).toBe(0);
  expect(wouldRemove(held, { ...none, max_messages: 900_000 })).toBe(100_000);
  expect(wouldRemove({ ...held, older: 300_000 }, { ...none, max_messages: 900_000 })).toBe(
    300_000,
  );
  // Of 512 MiB the log may have 16 MiB.
  expect(wouldRemove(held, { ...none, max_bytes: 2 ** 29 })).toBe(515_625);
  expect(wouldRemove(held, { ...none, max_bytes: 2 ** 31 })).toBe(0);
});

test('an empty history loses nothing', () => {
  expect(wouldRemove({ messages: 0, used: 0, older: 0 }, { max_bytes: 1, max_messages: 1 })).toBe(
    0,
  );
});
