/** What is wrong with a filter, and what belongs where, in words. */
import type { UserError } from '$src/bindings/engine';
import { topicText } from '$src/features/publish/problems';
import { m } from '$src/i18n';
import { errorLine } from '$src/i18n/error-line';
import type { Mistake, MistakeCode } from '$src/lib/filter';
import type { Beginning } from '$src/lib/filter-complete';
import type { TopicProblem } from '$src/lib/topic';

const MISTAKES: Record<MistakeCode, () => string> = {
  quote_open: m.filter_wrong_quote_open,
  path: m.filter_wrong_path,
  value: m.filter_wrong_value,
  unknown: m.filter_wrong_unknown,
  topic: m.filter_wrong_topic,
  qos: m.filter_wrong_qos,
  size: m.filter_wrong_size,
  time: m.filter_wrong_time,
  span: m.filter_wrong_span,
  without: m.filter_wrong_without,
  twice: m.filter_wrong_twice,
  order: m.filter_wrong_order,
  subscription: m.filter_wrong_subscription,
};

/** Why a text cannot be applied, and what is allowed. */
export function mistakeText({ code, rule }: Mistake): string {
  return rule === undefined ? MISTAKES[code]() : topicText(rule as TopicProblem);
}

/** Why the engine refused a filter, with its own words on the condition where there are some. */
export function refusalText(error: UserError): string {
  const { field, reason } = error.details;
  if (error.code !== 'filter.invalid' || !reason) return errorLine(error);
  if (field === 'regex') return m.filter_refused_regex({ reason });
  if (field === 'json') return m.filter_refused_json({ reason });
  return m.filter_refused_topics({ reason });
}

/** What the beginning of a condition is for. */
export const BEGINNING_WORDS: Record<Beginning, () => string> = {
  in: m.filter_help_in,
  out: m.filter_help_out,
  retain: m.filter_help_retain,
  '-retain': m.filter_help_without_retain,
  dup: m.filter_help_dup,
  '-dup': m.filter_help_without_dup,
  'qos:': m.filter_help_qos,
  'size>': m.filter_help_size_above,
  'size<': m.filter_help_size_below,
  'last:': m.filter_help_last,
  'after:': m.filter_help_after,
  'before:': m.filter_help_before,
  'text:': m.filter_help_text,
  'exact:': m.filter_help_exact,
  'regex:': m.filter_help_regex,
  '$.': m.filter_help_json,
  'prop:': m.filter_help_prop,
  'type:': m.filter_help_type,
  'topic:': m.filter_help_topic,
  'sub:': m.filter_help_sub,
};
