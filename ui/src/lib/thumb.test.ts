import { expect, test } from 'vitest';

import { thumbAt, topFor } from './thumb';

const LONG = { rows: 1_000_000_000, rowHeight: 24, viewport: 480 };
const SHORT = { rows: 40, rowHeight: 24, viewport: 480 };

test('there is no thumb where everything is in view', () => {
  expect(thumbAt(0, { ...SHORT, rows: 20 }, 480)).toBeNull();
  expect(thumbAt(0, { ...SHORT, rows: 0 }, 480)).toBeNull();
});

test('the thumb is as long as the part in view, and never too short for a hand', () => {
  expect(thumbAt(0, SHORT, 480)).toEqual({ start: 0, length: 240 });
  expect(thumbAt(0, LONG, 480)).toEqual({ start: 0, length: 24 });
});

test('both ends meet exactly, however long the list is', () => {
  const end = LONG.rows * LONG.rowHeight - LONG.viewport;
  expect(thumbAt(end, LONG, 480)).toEqual({ start: 456, length: 24 });
  expect(topFor(456, 24, LONG, 480)).toBe(end);
  expect(topFor(0, 24, LONG, 480)).toBe(0);
});

test('a thumb that is dragged out of its track stays at the end of it', () => {
  expect(topFor(-90, 240, SHORT, 480)).toBe(0);
  expect(topFor(900, 240, SHORT, 480)).toBe(480);
});

test('what was dragged to a place is shown at that place', () => {
  const top = topFor(100, 240, SHORT, 480);
  expect(thumbAt(top, SHORT, 480)?.start).toBe(100);
});
