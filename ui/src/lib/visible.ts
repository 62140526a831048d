/**
 * Strangers' text on one line: nothing in it can break the row, reorder its neighbours or hide.
 *
 * Control characters become their Unicode pictures, line breaks an arrow, and characters that turn the writing
 * direction or have no width their code point in angle marks. Joiners stay, because emoji and Indic writing need them.
 * What is shown is thus not always what was sent; the hex view is.
 */

const BREAKS = /\r\n|[\n\r\u0085\u2028\u2029]/g;
const HIDDEN =
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]/g;
const PLAIN = /^[\x20-\x7e]*$/;

/** `text` on one line with everything in it visible. */
export function oneLine(text: string): string {
  if (PLAIN.test(text)) return text;
  return text
    .replace(BREAKS, '↵')
    .replace(/↵[ \t]+/g, '↵ ')
    .replace(HIDDEN, picture);
}

/** `text` with its line breaks and tabs as they are, and everything else that hides made visible. */
export function manyLines(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(HIDDEN, (char) =>
    char === '\n' || char === '\t' || char === '\r' ? char : picture(char),
  );
}

function picture(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}
