/** Correlation Data is shown as what it is: text where it is text, else bytes. */
import { expect, it } from 'vitest';

import { usualNotation, written } from './bytes';

it.each([
  [{ text: 'req-7' }, 'text', 'req-7', '72 65 71 2d 37'],
  [{ text: 'a\u0000' }, 'hex', 'a\u0000', '61 00'],
  [{ base64: '/wA=' }, 'hex', null, 'ff 00'],
  [{ base64: 'w6k=' }, 'text', 'é', 'c3 a9'],
  [{ text: '' }, 'text', '', ''],
])('%j', (bytes, usual, text, hex) => {
  expect(usualNotation(bytes)).toBe(usual);
  expect(written(bytes, 'text')).toBe(text);
  expect(written(bytes, 'hex')).toBe(hex);
});

it('writes Base64 of what came as text', () => {
  expect(written({ text: 'é1' }, 'base64')).toBe('w6kx');
});
