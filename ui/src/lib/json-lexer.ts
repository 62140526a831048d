/**
 * JSON cut into tokens for colouring and for the tree, piece by piece, without ever reading a number as a number:
 * `127.0` stays `127.0` and 9007199254740993 stays whole, because every token is the text that came.
 *
 * The lexer does not judge; `checkJson` does. On text that is not JSON it goes on and calls what it cannot place
 * `invalid`. A token may be cut in two by the end of a piece: then `continued` is true on the second part.
 */

export type TokenKind =
  'key' | 'string' | 'number' | 'literal' | 'punctuation' | 'space' | 'invalid';

export interface Token {
  kind: TokenKind;
  text: string;
  /** This is the rest of the token that ended the piece before. */
  continued: boolean;
}

const SPACE = /[ \t\n\r]+/y;
const PUNCTUATION = /[{}[\],:]/y;
const NUMBER = /[-+.0-9eE]+/y;
const WORD = /[A-Za-z]+/y;
const STRING_REST = /(?:[^"\\]|\\[^])*/y;
const OTHER = /[^ \t\n\r{}[\],:"]+/y;

export class JsonLexer {
  /** One character for each container that is open: `{` or `[`. */
  #open = '';
  #expectsKey = false;
  /** The kind of the token that the piece before may have cut. */
  #cut: TokenKind | null = null;
  #inString = false;
  #afterBackslash = false;

  /** The tokens of the next piece. */
  push(piece: string): Token[] {
    const tokens: Token[] = [];
    let at = this.#resume(piece, tokens);
    while (at < piece.length) {
      const char = piece.charAt(at);
      let kind: TokenKind;
      let end: number;
      if (char === '"') {
        kind = this.#expectsKey ? 'key' : 'string';
        end = this.#stringEnd(piece, at + 1);
      } else {
        [kind, end] = plainToken(piece, at);
      }
      if (kind === 'punctuation') this.#note(char);
      tokens.push({ kind, text: piece.slice(at, end), continued: false });
      this.#cut = kind === 'punctuation' || (char === '"' && !this.#inString) ? null : kind;
      at = end;
    }
    return tokens;
  }

  /** Ends the token that the piece before cut; answers where the next begins. */
  #resume(piece: string, tokens: Token[]): number {
    const kind = this.#cut;
    if (kind === null || piece === '') return 0;
    let end: number;
    if (this.#inString) end = this.#stringEnd(piece, 0);
    else if (kind === 'space') end = match(SPACE, piece, 0);
    else if (kind === 'number') end = match(NUMBER, piece, 0);
    else if (kind === 'literal') end = match(WORD, piece, 0);
    else end = match(OTHER, piece, 0);
    if (end > 0) tokens.push({ kind, text: piece.slice(0, end), continued: true });
    if (end < piece.length || ((kind === 'key' || kind === 'string') && !this.#inString)) {
      this.#cut = null;
    }
    return end;
  }

  /** Where the string that `from` is inside of ends, its quote included. */
  #stringEnd(piece: string, from: number): number {
    let at = from;
    if (this.#inString && this.#afterBackslash) at += 1;
    this.#afterBackslash = false;
    const rest = match(STRING_REST, piece, at);
    if (piece.charAt(rest) === '"') {
      this.#inString = false;
      return rest + 1;
    }
    this.#inString = true;
    this.#afterBackslash = piece.charAt(rest) === '\\';
    return piece.length;
  }

  #note(char: string): void {
    if (char === '{' || char === '[') this.#open += char;
    else if (char === '}' || char === ']') this.#open = this.#open.slice(0, -1);
    const inObject = this.#open.endsWith('{');
    this.#expectsKey = inObject && (char === '{' || char === ',');
  }
}

function plainToken(piece: string, at: number): [TokenKind, number] {
  const attempts: [TokenKind, RegExp][] = [
    ['space', SPACE],
    ['punctuation', PUNCTUATION],
    ['number', NUMBER],
    ['literal', WORD],
  ];
  for (const [kind, pattern] of attempts) {
    const end = match(pattern, piece, at);
    if (end > at) return [kind, end];
  }
  return ['invalid', Math.max(match(OTHER, piece, at), at + 1)];
}

/** Where `pattern`, tried at `at`, ends; `at` itself where it does not fit. */
function match(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
