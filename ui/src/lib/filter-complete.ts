/** What may be completed where the caret stands in the text of a filter. */

/** A place in the text, and what belongs there. */
export interface Completion {
  kind: 'word' | 'topic' | 'subscription';
  /** What is typed of it. */
  typed: string;
  /** The part of the text that a choice takes the place of. */
  from: number;
  to: number;
}

/** The beginnings of conditions, in the order in which they are offered; `…` stands for what is typed then. */
export const BEGINNINGS = [
  ...['in', 'out', 'retain', '-retain', 'dup', '-dup', 'qos:', 'size>', 'size<', 'last:'],
  ...['after:', 'before:', 'text:', 'exact:', 'regex:', '$.', 'prop:', 'type:', 'topic:', 'sub:'],
] as const;

export type Beginning = (typeof BEGINNINGS)[number];

/** What may be completed at the caret; null inside of quotes, expressions and values. */
export function completionAt(text: string, caret: number): Completion | null {
  const from = startOf(text, caret);
  const end = /\s/.exec(text.slice(caret));
  const to = end ? caret + end.index : text.length;
  const typed = text.slice(from, caret);
  const named = /^(-?topic:|sub:)(.*)$/is.exec(typed);
  if (named) {
    const [, name = '', rest = ''] = named;
    if (rest.startsWith('"')) return null;
    const kind = name.toLowerCase() === 'sub:' ? 'subscription' : 'topic';
    return { kind, typed: rest, from: from + name.length, to };
  }
  if (typed === '' && text.slice(caret, to) !== '') return null;
  if (/^"|^\$[.[]|^[a-z]+:|^size[<>=]/i.test(typed)) return null;
  return { kind: 'word', typed, from, to };
}

/** The beginnings of conditions that go on from what is typed. */
export function beginningsOf(typed: string): Beginning[] {
  return BEGINNINGS.filter((each) => each.startsWith(typed) && each !== typed);
}

/** The text with a choice in place of what was typed, and where the caret stands then. */
export function completed(text: string, { from, to }: Completion, choice: string) {
  // What goes on, such as `qos:`, is not followed by a space.
  const goesOn = /[:<>.]$/.test(choice) && (BEGINNINGS as readonly string[]).includes(choice);
  const rest = text.slice(to);
  const space = goesOn || /^\s/.test(rest) ? '' : ' ';
  const before = text.slice(0, from) + choice + space;
  const caret = before.length + (!goesOn && space === '' ? 1 : 0);
  return { text: before + rest, caret };
}

/** Where the word begins in which the caret stands. */
function startOf(text: string, caret: number): number {
  let start = 0;
  let quoted = false;
  for (let at = 0; at < caret; at += 1) {
    const sign = text[at] ?? '';
    if (quoted && sign === '\\') at += 1;
    else if (sign === '"') quoted = !quoted;
    else if (!quoted && /\s/.test(sign)) start = at + 1;
  }
  return start;
}
