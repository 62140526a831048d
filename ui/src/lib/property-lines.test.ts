/** Lines that are pasted become names and values. */
import { expect, it } from 'vitest';

import { pairsOf } from './property-lines';

it.each([
  ['site: north\nline: 7', ['site|north', 'line|7']],
  ['site=north\r\n\r\nurl=http://a:80', ['site|north', 'url|http://a:80']],
  ['a:b\tc\n x \t y ', ['a:b|c', 'x|y']],
  ['alone\nempty:', ['alone|', 'empty|']],
])('%j', (text, expected) => {
  expect(pairsOf(text)?.map(({ name, value }) => `${name}|${value}`)).toEqual(expected);
});

it('leaves a single line to the field', () => {
  expect(pairsOf('site: north\n')).toBeNull();
  expect(pairsOf('')).toBeNull();
});
