/** Why something cannot be published or subscribed to, in words. */
import { m } from '$src/i18n';
import type { Formats } from '$src/lib/format';
import type { PayloadProblem } from '$src/lib/payload';
import type { TopicProblem } from '$src/lib/topic';
import type { PropertyField, PropertyProblem, TextProblem } from '$src/state/draft-properties';

const TOPIC: Record<TopicProblem, () => string> = {
  empty: m.publish_topic_empty,
  too_long: m.publish_topic_too_long,
  null: m.publish_topic_null,
  surrogate: m.publish_topic_surrogate,
  wildcard: m.publish_topic_wildcard,
  plus_not_alone: m.publish_topic_plus_not_alone,
  hash_not_last: m.publish_topic_hash_not_last,
  share_incomplete: m.publish_topic_share_incomplete,
};

const PAYLOAD: Record<PayloadProblem['code'], () => string> = {
  json_end: m.publish_payload_json_end,
  json_unexpected: m.publish_payload_json_unexpected,
  surrogate: m.publish_topic_surrogate,
  hex_digit: m.publish_payload_hex_digit,
  hex_odd: m.publish_payload_hex_odd,
  base64_digit: m.publish_payload_base64_digit,
  base64_length: m.publish_payload_base64_length,
  base64_padding: m.publish_payload_base64_padding,
};

export function topicText(problem: TopicProblem): string {
  return TOPIC[problem]();
}

/** The problem and its place. */
export function payloadText({ code, line, column }: PayloadProblem): string {
  return m.publish_payload_at({ line, column, problem: PAYLOAD[code]() });
}

const TEXT: Record<TextProblem, () => string> = {
  too_long: m.publish_text_too_long,
  null: m.publish_text_null,
  surrogate: m.publish_topic_surrogate,
};

/** The specification's names, which are the same in every language. */
export const PROPERTY_NAMES: Record<PropertyField, string> = {
  expiry: 'Message Expiry Interval',
  contentType: 'Content Type',
  responseTopic: 'Response Topic',
  correlation: 'Correlation Data',
  topicAlias: 'Topic Alias',
  user: 'User Property',
};

/** The property and what is wrong with it. */
export function propertyText(problem: PropertyProblem, format: Formats): string {
  const name = PROPERTY_NAMES[problem.field];
  return m.publish_property_problem({ name, problem: wordsOf(problem, format) });
}

function wordsOf(problem: PropertyProblem, format: Formats): string {
  switch (problem.code) {
    case 'number': {
      const { min, max } = problem;
      return m.publish_property_range({ min: format.count(min), max: format.count(max) });
    }
    case 'alias_none':
      return m.publish_alias_none();
    case 'alias_too_high':
      return m.publish_alias_too_high({ max: format.count(problem.max) });
    case 'topic':
      return topicText(problem.problem);
    case 'bytes':
      return m.publish_property_at({
        column: problem.column,
        problem: PAYLOAD[problem.problem](),
      });
    case 'text':
      return TEXT[problem.problem]();
  }
}
