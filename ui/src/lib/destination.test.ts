import { describe, expect, it } from 'vitest';

import { readDestination } from './destination';

/** A moment on the wall here, in microseconds. */
const at = (...parts: [number, number, number, number?, number?, number?, number?]) =>
  new Date(...(parts as [number, number, number])).getTime() * 1_000;

const NOW = at(2026, 10, 21, 12, 0) / 1_000;

describe('a number', () => {
  it.each([
    ['12345', 12_345],
    ['#12,345', 12_345],
    ['# 12 345', 12_345],
    ['1.204.331', 1_204_331],
  ])('%s', (typed, id) => {
    expect(readDestination(typed, NOW)).toEqual({ kind: 'number', id });
  });

  it.each(['0', '#0', '99999999999999999999'])('%s is none', (typed) => {
    expect(readDestination(typed, NOW)).toEqual({ kind: 'wrong', why: 'number' });
  });
});

describe('a time', () => {
  it.each([
    ['11:05', at(2026, 10, 21, 11, 5)],
    ['11:05:30.250', at(2026, 10, 21, 11, 5, 30, 250)],
    ['11:05:30.250482', at(2026, 10, 21, 11, 5, 30, 250) + 482],
    ['14:05', at(2026, 10, 20, 14, 5)],
    ['2026-11-20 09:00', at(2026, 10, 20, 9)],
    ['2026-11-20T09:00:01', at(2026, 10, 20, 9, 0, 1)],
    ['2026-11-20', at(2026, 10, 20)],
    ['-5m', at(2026, 10, 21, 11, 55)],
    ['-1h30m', at(2026, 10, 21, 10, 30)],
    ['-1.5 h', at(2026, 10, 21, 10, 30)],
    ['-250ms', NOW * 1_000 - 250_000],
  ])('%s', (typed, us) => {
    expect(readDestination(typed, NOW)).toEqual({ kind: 'time', us });
  });
});

it.each([
  ['', 'empty'],
  ['yesterday', 'unknown'],
  ['-5', 'unknown'],
  ['25:00', 'time'],
  ['14:60', 'time'],
  ['2026-02-30', 'date'],
  ['2026-11-20 9 o’clock', 'time'],
] as const)('what is wrong with “%s”', (typed, why) => {
  expect(readDestination(typed, NOW)).toEqual({ kind: 'wrong', why });
});
