/** A rate is taken over a second at least, and starts anew with a new connection. */
import { expect, test } from 'vitest';

import { ByteRate } from './byte-rate';

test('a rate is taken between looks a second apart', () => {
  const rate = new ByteRate();
  expect(rate.look(0, 0)).toBe(0);
  expect(rate.look(500, 400)).toBe(0);
  expect(rate.look(3_000, 1_500)).toBe(2_000);
  expect(rate.look(3_100, 1_600)).toBe(2_000);
});

test('totals that fall begin anew', () => {
  const rate = new ByteRate();
  rate.look(9_000, 0);
  expect(rate.look(10, 2_000)).toBe(0);
  expect(rate.look(1_010, 3_000)).toBe(1_000);
});
