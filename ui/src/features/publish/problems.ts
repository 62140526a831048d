/** Why something cannot be published or subscribed to, in words. */
import { m } from '$src/i18n';
import type { PayloadProblem } from '$src/lib/payload';
import type { TopicProblem } from '$src/lib/topic';

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
