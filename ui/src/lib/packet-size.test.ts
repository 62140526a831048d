/** The size of a PUBLISH is that of the specification's encoding, byte for byte. */
import { expect, it } from 'vitest';

import { integerSize, MOST_REMAINING, packetSize, type SizedProperty } from './packet-size';

const size = (
  topic: string,
  qos: number,
  payload: number,
  properties: SizedProperty[] | null = null,
) => packetSize({ topic, qos, payload, properties });

it.each([
  // Fixed header 2, topic 2 + 3, payload.
  ['3.1.1, QoS 0', size('a/b', 0, 4), 2 + 5 + 4],
  ['3.1.1, QoS 1 has a Packet Identifier', size('a/b', 1, 4), 2 + 5 + 2 + 4],
  ['5.0 has the length of its properties', size('a/b', 0, 4, []), 2 + 5 + 1 + 4],
  ['a topic counts in UTF-8', size('温度', 0, 0), 2 + 2 + 6],
  ['an empty topic', size('', 0, 0, [{ name: 'topic_alias', value: 7 }]), 2 + 2 + 1 + 3],
  ['127 bytes remain: one byte of length', size('', 0, 125), 2 + 127],
  ['128 bytes remain: two', size('', 0, 126), 3 + 128],
  ['16,384 bytes remain: three', size('', 0, 16_382), 4 + 16_384],
])('%s', (_, found, expected) => expect(found).toBe(expected));

it('counts every property', () => {
  const all: [SizedProperty, number][] = [
    [{ name: 'payload_format_indicator', value: 1 }, 2],
    [{ name: 'message_expiry_interval', value: 60 }, 5],
    [{ name: 'content_type', value: 'text/plain' }, 3 + 10],
    [{ name: 'response_topic', value: 'r' }, 3 + 1],
    [{ name: 'correlation_data', value: { text: 'é' } }, 3 + 2],
    [{ name: 'correlation_data', value: { base64: '/wA=' } }, 3 + 2],
    [{ name: 'correlation_data', value: { base64: '' } }, 3],
    [{ name: 'subscription_identifier', value: 128 }, 3],
    [{ name: 'topic_alias', value: 65_535 }, 3],
    [{ name: 'user_property', value: ['a', 'é'] }, 5 + 1 + 2],
  ];
  for (const [property, bytes] of all) expect(size('t', 0, 0, [property])).toBe(2 + 3 + 1 + bytes);
});

it('knows the longest packet', () => {
  expect(size('', 0, MOST_REMAINING - 2)).toBe(MOST_REMAINING + 5);
  expect(size('', 0, MOST_REMAINING - 1)).toBeNull();
  expect([127, 128, 16_383, 16_384, 2_097_151, 2_097_152].map(integerSize)).toEqual([
    1, 2, 2, 3, 3, 4,
  ]);
});
