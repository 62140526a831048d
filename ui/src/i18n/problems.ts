/** What is wrong with a field, in words, with the limit and where it comes from. */
import type { Problem } from '$src/bindings/engine';
import { formats } from '$src/lib/format';

import { getLocale, m } from '.';

type Words = Record<string, ((inputs: Record<string, string>) => string) | undefined>;
const messages = m as unknown as Words;

/** The catalogue's key of a code. */
export function problemKey(code: string): string {
  return `problem_${code}`;
}

export function problemText(problem: Problem): string {
  // A provider's rule brings its own words; its source is a page, too long to stand beside a field.
  if (problem.reason) return problem.reason[getLocale()];
  const [low = '', high = ''] = problem.limit.split('..').map(grouped);
  const unit = problem.field === 'name' || problem.field === 'client_id' ? '_characters' : '_bytes';
  const key = problemKey(problem.code);
  // What has a name instead of a number for its limit may have words of its own: `not_in_format_json`.
  const words = messages[`${key}_${problem.limit}`] ?? messages[key] ?? messages[key + unit];
  const text = words?.({ low, high, limit: grouped(problem.limit) }) ?? problem.code;
  return problem.source ? m.problem_with_source({ text, source: problem.source }) : text;
}

function grouped(text: string): string {
  return /^\d+$/.test(text) ? formats(getLocale()).count(Number(text)) : text;
}
