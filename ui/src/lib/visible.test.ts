import { expect, it } from 'vitest';
import { manyLines, oneLine } from './visible';

it.each([
  ['plain text', 'plain text'],
  ['{\n  "temp": 1\r\n}', '{↵ "temp": 1↵}'],
  ['a\0b\x1b[31m', 'a␀b␛[31m'],
  ['tab\there', 'tab␉here'],
  ['abc\u202egnp.exe', 'abc‹U+202E›gnp.exe'],
  ['zero\u200bwidth\ufeff', 'zero‹U+200B›width‹U+FEFF›'],
  ['\x7f\x9b', '␡‹U+009B›'],
  ['👩‍🔧 温度 °C', '👩‍🔧 温度 °C'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
])('puts %j on one line', (text, shown) => {
  expect(oneLine(text)).toBe(shown);
});

it('keeps line breaks where there is room for them', () => {
  expect(manyLines('a\n\tb\u202e\0')).toBe('a\n\tb‹U+202E›␀');
});
