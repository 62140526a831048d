import { describe, expect, it } from 'vitest';
import { checkJson } from './json-check';

describe('JSON that is right', () => {
  it.each([
    '{}',
    ' [] ',
    '127.0',
    '-0',
    '1e5',
    'true',
    'null',
    '"a"',
    '{"a": [1, 2, {"b": null}], "c": "\\u00b0C\\n"}',
    '[9007199254740993]',
    '['.repeat(100_000) + ']'.repeat(100_000),
  ])('passes %.40s', (text) => {
    expect(checkJson(text)).toBeNull();
  });
});

describe('JSON that is wrong', () => {
  it.each([
    ['', 'end', 1, 1],
    ['{', 'end', 1, 2],
    ['{"a": 1', 'end', 1, 8],
    ['"abc', 'end', 1, 5],
    ['[1,]', 'unexpected', 1, 4],
    ['{"a": 1,}', 'unexpected', 1, 9],
    ['{a: 1}', 'unexpected', 1, 2],
    ['[1}', 'unexpected', 1, 3],
    ['01', 'unexpected', 1, 2],
    ['1.', 'unexpected', 1, 2],
    ['+1', 'unexpected', 1, 1],
    ['nul', 'unexpected', 1, 1],
    ['{} {}', 'unexpected', 1, 4],
    ['{\n  "a": 1\n  "b": 2\n}', 'unexpected', 3, 3],
    ['["a\tb"]', 'unexpected', 1, 4],
    ['["\\x"]', 'unexpected', 1, 3],
    ["['a']", 'unexpected', 1, 2],
  ])('says where %j goes wrong', (text, code, line, column) => {
    expect(checkJson(text)).toMatchObject({ code, line, column });
  });

  it("agrees with the browser's own parser", () => {
    const parts = ['{', '}', '[', ']', ',', ':', '"k"', '1', '-1.5e3', 'true', ' ', 'x'];
    let seed = 7;
    for (let round = 0; round < 20_000; round += 1) {
      let text = '';
      for (let n = 0; n < round % 9; n += 1) {
        seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
        text += parts[(seed >> 8) % parts.length] ?? '';
      }
      let parses = true;
      try {
        JSON.parse(text);
      } catch {
        parses = false;
      }
      expect(checkJson(text) === null, text).toBe(parses);
    }
  });
});
