import { expect, it } from 'vitest';

import { halfRows, offsetDigits } from './hex';

/** A row as the engine writes it. */
function row(at: number, text: string): string {
  const bytes = Array.from(text, (char) => char.charCodeAt(0).toString(16).padStart(2, '0'));
  const half = (from: number) =>
    Array.from({ length: 8 }, (_, column) => `${bytes[from + column] ?? '  '} `).join('');
  return `${at.toString(16).padStart(8, '0')}  ${half(0)} ${half(8)}|${text}|\n`;
}

it('puts eight bytes on a line', () => {
  expect(halfRows(row(0, '{"temp":31.50,"r') + row(16, 'h":44}|.'), 4)).toBe(
    [
      '0000  7b 22 74 65 6d 70 22 3a  {"temp":',
      '0008  33 31 2e 35 30 2c 22 72  31.50,"r',
      '0010  68 22 3a 34 34 7d 7c 2e  h":44}|.',
      '',
    ].join('\n'),
  );
});

it('keeps a last row that is short', () => {
  expect(halfRows(row(32, 'abc'), 6)).toBe('000020  61 62 63                 abc\n');
  expect(halfRows(row(32, 'abcdefghi'), 4)).toBe(
    '0020  61 62 63 64 65 66 67 68  abcdefgh\n0028  69                       i\n',
  );
});

it('has as many digits as the largest offset', () => {
  expect(offsetDigits(0)).toBe(4);
  expect(offsetDigits(65_536)).toBe(4);
  expect(offsetDigits(65_537)).toBe(5);
  expect(offsetDigits(20_000_000)).toBe(7);
});
