/** A byte leads to its innermost field, and a field to its bytes. */
import { expect, it } from 'vitest';

import { alternation, faultPlace, isHolder, ownersOf, parentOf } from './packet-fields';

// 30 0b | 00 03 'a' '/' 'b' | 02 01 01 | 'h' 'i'
const FIELDS = [
  { at: 0, len: 2, depth: 0 }, // 0 Fixed header
  { at: 0, len: 1, depth: 1 }, // 1 type and flags
  { at: 1, len: 1, depth: 1 }, // 2 Remaining Length
  { at: 2, len: 8, depth: 0 }, // 3 Variable header
  { at: 2, len: 5, depth: 1 }, // 4 Topic Name
  { at: 7, len: 3, depth: 1 }, // 5 Properties
  { at: 7, len: 1, depth: 2 }, // 6 Property Length
  { at: 8, len: 2, depth: 2 }, // 7 Payload Format Indicator
  { at: 10, len: 2, depth: 0 }, // 8 Payload
];

it('finds the innermost field of each byte', () => {
  expect([...ownersOf(FIELDS, 12)]).toEqual([1, 2, 4, 4, 4, 4, 4, 6, 7, 7, 8, 8]);
});

it('gives a byte of bits to the field that they are of, or to the first of them', () => {
  const flags = [
    { at: 0, len: 2, depth: 0 }, // 0 Fixed header
    { at: 0, len: 1, depth: 1 }, // 1 type
    { at: 0, len: 1, depth: 1 }, // 2 DUP
    { at: 0, len: 1, depth: 1 }, // 3 QoS
    { at: 1, len: 1, depth: 1 }, // 4 Remaining Length
    { at: 2, len: 1, depth: 0 }, // 5 Connect Flags
    { at: 2, len: 1, depth: 1 }, // 6 Clean Start
    { at: 2, len: 1, depth: 1 }, // 7 Will Flag
    { at: 3, len: 1, depth: 0 }, // 8 Variable header
    { at: 3, len: 1, depth: 1 }, // 9 Reason Code, alone in it
  ];
  expect([...ownersOf(flags, 4)]).toEqual([1, 4, 5, 9]);
});

it('leaves bytes that no field has to none, and passes over fields beyond what is kept', () => {
  expect([...ownersOf(FIELDS.slice(0, 5), 9)]).toEqual([1, 2, 4, 4, 4, 4, 4, 3, 3]);
  expect([...ownersOf([{ at: 1, len: 900, depth: 0 }], 3)]).toEqual([-1, 0, 0]);
});

it('knows what holds what', () => {
  expect(FIELDS.map((_, at) => parentOf(FIELDS, at))).toEqual([
    null,
    ...[0, 0, null, 3, 3, 5, 5, null],
  ]);
  expect(
    FIELDS.map((_, at) => isHolder(FIELDS, at))
      .map(Number)
      .join(''),
  ).toBe('100101000');
});

it('says a fault at the innermost field that has the byte, or else before it', () => {
  expect(faultPlace(FIELDS, 9)).toBe(7);
  expect(faultPlace(FIELDS, 12)).toBe(8);
  expect(faultPlace([], 3)).toBe(-1);
});

it('changes the ground from field to field', () => {
  expect([...alternation(ownersOf(FIELDS, 12))].join('')).toBe('010000010011');
});
