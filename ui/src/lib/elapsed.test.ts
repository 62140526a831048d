import { expect, it } from 'vitest';

import { elapsed } from './elapsed';

it.each([
  [0, '0 µs'],
  [482, '482 µs'],
  [1_000, '1.00 ms'],
  [12_345, '12.3 ms'],
  [999_400, '999 ms'],
  [999_600, '1.00 s'],
  [12_340_000, '12.3 s'],
  [60_000_000, '1:00 min'],
  [185_000_000, '3:05 min'],
  [3_900_000_000, '1:05 h'],
  [-1_500, '−1.50 ms'],
])('%d µs is %s', (us, words) => expect(elapsed(us, 'en')).toBe(words));

it('writes the separator of the locale', () => expect(elapsed(1_250, 'de')).toBe('1,25 ms'));
