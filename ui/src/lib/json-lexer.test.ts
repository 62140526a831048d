import { describe, expect, it } from 'vitest';
import { JsonLexer, type Token } from './json-lexer';

const lex = (...pieces: string[]): Token[] => {
  const lexer = new JsonLexer();
  return pieces.flatMap((piece) => lexer.push(piece));
};

const short = (tokens: Token[]) =>
  tokens.filter((token) => token.kind !== 'space').map((token) => `${token.kind}:${token.text}`);

/** Tokens with those that a piece's end cut put together again. */
const joined = (tokens: Token[]): Token[] => {
  const whole: Token[] = [];
  for (const token of tokens) {
    const last = whole.at(-1);
    if (token.continued && last)
      whole[whole.length - 1] = { ...last, text: last.text + token.text };
    else whole.push(token);
  }
  return whole;
};

describe('the JSON lexer', () => {
  it('tells keys from strings', () => {
    expect(short(lex('{"a": "b", "c": {"d": ["e", "f"]}}'))).toEqual([
      'punctuation:{',
      'key:"a"',
      'punctuation::',
      'string:"b"',
      'punctuation:,',
      'key:"c"',
      'punctuation::',
      'punctuation:{',
      'key:"d"',
      'punctuation::',
      'punctuation:[',
      'string:"e"',
      'punctuation:,',
      'string:"f"',
      'punctuation:]',
      'punctuation:}',
      'punctuation:}',
    ]);
  });

  it('keeps numbers as they were sent', () => {
    expect(short(lex('[127.0, 9007199254740993, -1E+3, 31.50]'))).toEqual([
      'punctuation:[',
      'number:127.0',
      'punctuation:,',
      'number:9007199254740993',
      'punctuation:,',
      'number:-1E+3',
      'punctuation:,',
      'number:31.50',
      'punctuation:]',
    ]);
  });

  it('knows the end of a string with escapes', () => {
    expect(short(lex(String.raw`["a\"b\\", "\\"]`))).toEqual([
      'punctuation:[',
      String.raw`string:"a\"b\\"`,
      'punctuation:,',
      String.raw`string:"\\"`,
      'punctuation:]',
    ]);
  });

  it('gives the same tokens wherever the pieces are cut', () => {
    const text = String.raw`{ "ke\"y": [true, null, -12.50e7, "v\\", {}], "x" : "°C\n" }`;
    const whole = lex(text);
    for (let cut = 1; cut < text.length; cut += 1) {
      expect(joined(lex(text.slice(0, cut), text.slice(cut))), `cut at ${cut}`).toEqual(whole);
    }
    expect(joined(lex(...text))).toEqual(whole);
  });

  it('loses no character of what is not JSON', () => {
    const text = "{a: 'b', <script>alert(1)</script>, \0 温度";
    expect(
      lex(text)
        .map((token) => token.text)
        .join(''),
    ).toBe(text);
  });
});
