/** Reads the parts of a filter's text: words, quoted texts, paths into JSON and what they are compared with. */

/** A text that is read from left to right. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string, at = 0) {
    this.text = text;
    this.at = at;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  get next(): string {
    return this.text[this.at] ?? '';
  }

  /** Takes what a sticky expression matches here. */
  take(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.at;
    const found = expression.exec(this.text);
    if (found) this.at = expression.lastIndex;
    return found;
  }

  /** Takes everything up to white space. */
  word(): string {
    return this.take(/\S*/y)?.[0] ?? '';
  }

  /** Takes a quoted text or a word that ends before `end`; null where a quote is not closed. */
  value(end = /[^\s]*/y): string | null {
    if (this.next !== '"') return this.take(end)?.[0] ?? '';
    const quoted = this.take(QUOTED);
    return quoted ? unquote(quoted[1] ?? '') : null;
  }

  /** Takes a path into JSON that begins here; null where a bracket or a quote in it is not closed. */
  path(): string | null {
    return this.#balanced(/[\s<>=!~]/);
  }

  /** Takes a JSON value, or a word where it is none, as it stands; null where something is not closed. */
  json(): string | null {
    if (this.next === '"') return this.take(QUOTED)?.[0] ?? null;
    return /[[{]/.test(this.next) ? this.#balanced(/\s/) : this.word();
  }

  /** Takes everything up to `end` outside of brackets. */
  #balanced(end: RegExp): string | null {
    const start = this.at;
    let depth = 0;
    while (!this.isAtEnd) {
      if (depth === 0 && end.test(this.next)) break;
      if (depth > 0 && /["']/.test(this.next)) {
        if (!this.take(this.next === '"' ? QUOTED : APOSTROPHES)) return null;
        continue;
      }
      if (/[[{]/.test(this.next)) depth += 1;
      if (/[\]}]/.test(this.next)) depth -= 1;
      if (depth < 0) return null;
      this.at += 1;
    }
    return depth === 0 ? this.text.slice(start, this.at) : null;
  }
}

const QUOTED = /"((?:[^"\\]|\\.)*)"/suy;
const APOSTROPHES = /'(?:[^'\\]|\\.)*'/suy;

const ESCAPES: Record<string, string> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

function unquote(inside: string): string {
  return inside.replace(/\\(.)/gsu, (all, sign: string) => ESCAPES[sign] ?? all);
}

/** A text in quotes, which reads as the same text. */
export function quote(text: string): string {
  const signs: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return `"${text.replace(/["\\]/g, '\\$&').replace(/[\n\r\t]/g, (sign) => signs[sign] ?? sign)}"`;
}

/** A text in quotes only where it needs them. */
export function word(text: string): string {
  return text === '' || /\s|^"/u.test(text) ? quote(text) : text;
}
