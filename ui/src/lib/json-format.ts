/**
 * JSON laid out for reading, token by token: numbers, escapes and the order of keys stay as they were typed, which reading
 * it into values and writing it again would not do (127.0 would become 127).
 */
import { checkJson } from './json-check';
import { JsonLexer } from './json-lexer';

const STEP = '  ';

/** `text` laid out; null where it is not JSON, which is left as it is. */
export function formatJson(text: string): string | null {
  if (checkJson(text) !== null) return null;
  const tokens = new JsonLexer().push(text).filter(({ kind }) => kind !== 'space');
  const signs = tokens.flatMap(({ kind, text }) =>
    kind === 'punctuation'
      ? [...text].map((char) => ({ sign: true, text: char }))
      : { sign: false, text },
  );
  let out = '';
  let depth = 0;
  signs.forEach(({ sign, text }, at) => {
    const line = () => `\n${STEP.repeat(depth)}`;
    if (!sign) out += text;
    else if (text === ':') out += ': ';
    else if (text === ',') out += `,${line()}`;
    else if (text === '{' || text === '[') {
      depth += 1;
      out += closes(signs[at + 1]) ? text : text + line();
    } else {
      depth -= 1;
      out += opens(signs[at - 1]) ? text : line() + text;
    }
  });
  return out;
}

type Sign = { sign: boolean; text: string } | undefined;

const closes = (token: Sign) => token?.sign === true && (token.text === '}' || token.text === ']');
const opens = (token: Sign) => token?.sign === true && (token.text === '{' || token.text === '[');
