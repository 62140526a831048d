/**
 * Whether a text is JSON as RFC 8259 has it, and where it stops being so, told while a person types.
 *
 * `JSON.parse` would answer the first question, but says the place differently in each browser and reads numbers on
 * the way; this one keeps a stack instead of recursing, so that no nesting can bring it down.
 */

export interface JsonProblem {
  /** `end`: the text ends too early; `unexpected`: something else should stand here. */
  code: 'end' | 'unexpected';
  /** UTF-16 units from 0. */
  offset: number;
  /** From 1. */
  line: number;
  /** From 1, in UTF-16 units. */
  column: number;
}

const SPACE = /[ \t\n\r]*/y;
// eslint-disable-next-line no-control-regex -- JSON forbids control characters in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
// eslint-disable-next-line no-control-regex -- JSON forbids control characters in strings
const STRING_PART = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const LITERAL = /(?:true|false|null)/y;

type Wanted =
  'value' | 'value_or_end' | 'key' | 'key_or_end' | 'colon' | 'comma_or_end' | 'nothing';

/** What is wrong with `text`, or null where it is JSON. */
export function checkJson(text: string): JsonProblem | null {
  const open: string[] = [];
  let wanted: Wanted = 'value';
  let at = 0;
  const afterValue = (): Wanted => (open.length > 0 ? 'comma_or_end' : 'nothing');
  for (;;) {
    at = end(SPACE, text, at);
    const char = text.charAt(at);
    if (char === '') return wanted === 'nothing' ? null : problem('end', text, at);
    const closes = char === '}' || char === ']';
    if (closes && isClosable(wanted, char, open)) {
      open.pop();
      wanted = afterValue();
      at += 1;
    } else if (wanted === 'comma_or_end' && char === ',') {
      wanted = open.at(-1) === '{' ? 'key' : 'value';
      at += 1;
    } else if (wanted === 'colon' && char === ':') {
      wanted = 'value';
      at += 1;
    } else if ((wanted === 'key' || wanted === 'key_or_end') && char === '"') {
      const next = end(STRING, text, at);
      if (next === at) return stringProblem(text, at);
      wanted = 'colon';
      at = next;
    } else if (wanted === 'value' || wanted === 'value_or_end') {
      if (char === '{' || char === '[') {
        open.push(char);
        wanted = char === '{' ? 'key_or_end' : 'value_or_end';
        at += 1;
      } else {
        const next = scalarEnd(text, at);
        if (next === at)
          return char === '"' ? stringProblem(text, at) : problem('unexpected', text, at);
        wanted = afterValue();
        at = next;
      }
    } else {
      return problem('unexpected', text, at);
    }
  }
}

function isClosable(wanted: Wanted, char: string, open: string[]): boolean {
  const closesOpen = open.at(-1) === (char === '}' ? '{' : '[');
  return closesOpen && (wanted === 'comma_or_end' || wanted.endsWith('_or_end'));
}

function scalarEnd(text: string, at: number): number {
  for (const pattern of [STRING, NUMBER, LITERAL]) {
    const next = end(pattern, text, at);
    if (next > at) return next;
  }
  return at;
}

/** The place inside a string where it goes wrong. */
function stringProblem(text: string, at: number): JsonProblem {
  const stop = end(STRING_PART, text, at);
  return problem(stop >= text.length ? 'end' : 'unexpected', text, stop);
}

function end(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

function problem(code: JsonProblem['code'], text: string, offset: number): JsonProblem {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { code, offset, line, column: offset - before.lastIndexOf('\n') };
}
