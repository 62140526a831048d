/**
 * The rules for Topic Names and Topic Filters, told while a person types.
 *
 * The engine has the last word and the one matcher; this only spares a round trip for each key. The codes are those of
 * the engine's `TopicError`, and the test's table is the engine's too, so that the two cannot drift apart unseen.
 */

/** The longest topic in bytes of UTF-8 [MQTT-4.7.3-3]. */
export const MAX_TOPIC_BYTES = 65_535;

export type TopicProblem =
  | 'empty'
  | 'too_long'
  | 'null'
  | 'surrogate'
  | 'wildcard'
  | 'plus_not_alone'
  | 'hash_not_last'
  | 'share_incomplete';

const encoder = new TextEncoder();

/** How many bytes a text is on the wire. */
export function utf8Length(text: string): number {
  return encoder.encode(text).length;
}

/** Why `name` cannot be published to, or null. */
export function checkName(name: string): TopicProblem | null {
  return checkCommon(name) ?? (/[+#]/.test(name) ? 'wildcard' : null);
}

/** Why `filter` cannot be subscribed to, or null; shared subscriptions included. */
export function checkFilter(filter: string): TopicProblem | null {
  const common = checkCommon(filter);
  if (common) return common;
  if (!filter.startsWith('$share/')) return checkLevels(filter);
  const shared = filter.slice('$share/'.length);
  const slash = shared.indexOf('/');
  const group = shared.slice(0, slash);
  const rest = shared.slice(slash + 1);
  if (slash <= 0 || /[+#]/.test(group) || rest === '') return 'share_incomplete';
  return checkLevels(rest);
}

function checkLevels(filter: string): TopicProblem | null {
  const levels = filter.split('/');
  for (const [index, level] of levels.entries()) {
    if (level.includes('+') && level !== '+') return 'plus_not_alone';
    if (level.includes('#') && (level !== '#' || index < levels.length - 1)) return 'hash_not_last';
  }
  return null;
}

function checkCommon(topic: string): TopicProblem | null {
  if (topic === '') return 'empty';
  if (topic.length > MAX_TOPIC_BYTES || utf8Length(topic) > MAX_TOPIC_BYTES) return 'too_long';
  if (topic.includes('\0')) return 'null';
  // Half of a character pair cannot be UTF-8 [MQTT-1.5.4-1]; Rust strings never hold one.
  if (/\p{Surrogate}/u.test(topic)) return 'surrogate';
  return null;
}
