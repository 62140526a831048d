/**
 * How many bytes a PUBLISH is on the wire: what the broker holds against its Maximum Packet Size (MQTT 5.0, section 3.2.2.3.6).
 *
 * The sum is made here, because it is shown at every key. A Topic Alias that the session gives by itself is not in it: it takes
 * three bytes, and the topic away once the broker knows it.
 */
import { utf8Length } from './topic';

/** A property as the window has it; strings and bytes by what they say, numbers by what they are. */
export type SizedProperty =
  | { name: 'payload_format_indicator'; value: number }
  | { name: 'message_expiry_interval'; value: number }
  | { name: 'content_type' | 'response_topic'; value: string }
  | { name: 'correlation_data'; value: { text: string } | { base64: string } }
  | { name: 'subscription_identifier'; value: number }
  | { name: 'topic_alias'; value: number }
  | { name: 'user_property'; value: [string, string] };

export interface SizedPublish {
  topic: string;
  qos: number;
  /** Bytes of the payload. */
  payload: number;
  /** Null before MQTT 5.0, which has no place for properties. */
  properties: readonly SizedProperty[] | null;
}

/** The largest Variable Byte Integer, and with it the most that can follow a fixed header (MQTT 5.0, section 1.5.5). */
export const MOST_REMAINING = 268_435_455;

/** Bytes of a PUBLISH from its first to its last; null where it is longer than any packet can be. */
export function packetSize({ topic, qos, payload, properties }: SizedPublish): number | null {
  let remaining = 2 + utf8Length(topic) + (qos > 0 ? 2 : 0) + payload;
  if (properties) {
    const length = properties.reduce((sum, property) => sum + propertySize(property), 0);
    remaining += integerSize(length) + length;
  }
  return remaining > MOST_REMAINING ? null : 1 + integerSize(remaining) + remaining;
}

/** Bytes of a property with its identifier (MQTT 5.0, section 2.2.2.2). */
export function propertySize(property: SizedProperty): number {
  switch (property.name) {
    case 'payload_format_indicator':
      return 2;
    case 'message_expiry_interval':
      return 5;
    case 'content_type':
    case 'response_topic':
      return 3 + utf8Length(property.value);
    case 'correlation_data':
      return 3 + bytesLength(property.value);
    case 'subscription_identifier':
      return 1 + integerSize(property.value);
    case 'topic_alias':
      return 3;
    case 'user_property':
      return 5 + utf8Length(property.value[0]) + utf8Length(property.value[1]);
  }
}

/** Bytes of a Variable Byte Integer. */
export function integerSize(value: number): number {
  if (value < 128) return 1;
  if (value < 16_384) return 2;
  return value < 2_097_152 ? 3 : 4;
}

function bytesLength(bytes: { text: string } | { base64: string }): number {
  if ('text' in bytes) return utf8Length(bytes.text);
  const digits = bytes.base64.replace(/=+$/, '').length;
  return Math.floor((digits * 3) / 4);
}
