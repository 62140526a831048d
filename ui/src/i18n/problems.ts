/** What is wrong with a field, in words, with the limit and where it comes from. */
import type { Problem } from '$src/bindings/engine';
import { formats } from '$src/lib/format';

import { getLocale, m } from '.';

type Words = Record<string, ((inputs: Record<string, string>) => string) | undefined>;
const messages = m as unknown as Words;

/** Fields whose numbers are of a unit that can be chosen. */
const HAVE_UNITS = ['retention.max_bytes', 'retention.max_age_s'];

/** The catalogue's key of a code. */
export function problemKey(code: string): string {
  return `problem_${code}`;
}

export function problemText(problem: Problem): string {
  // A provider's rule brings its own words; its source is a page, too long to stand beside a field.
  if (problem.reason) return problem.reason[getLocale()];
  const [low = '', high = ''] = problem.limit
    .split('..')
    .map((limit) => amount(problem.field, limit));
  const unit = problem.field === 'name' || problem.field === 'client_id' ? '_characters' : '_bytes';
  const key = problemKey(problem.code);
  // What has a name instead of a number for its limit may have words of its own: `not_in_format_json`.
  const words =
    messages[`${key}_${problem.limit}`] ??
    (HAVE_UNITS.includes(problem.field) ? messages[`${key}_amount`] : undefined) ??
    messages[key] ??
    messages[key + unit];
  const text = words?.({ low, high, limit: amount(problem.field, problem.limit) }) ?? problem.code;
  return problem.source ? m.problem_with_source({ text, source: problem.source }) : text;
}

/** A limit as the field shows it: with separators, or in the field's own units. */
function amount(field: string, text: string): string {
  if (!/^\d+$/.test(text)) return text;
  const format = formats(getLocale());
  if (field === 'retention.max_bytes') return format.disk(Number(text));
  if (field === 'retention.max_age_s') return format.span(Number(text));
  return format.count(Number(text));
}
