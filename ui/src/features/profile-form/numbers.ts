/**
 * Numbers as a person types them. What does not fit the field's type cannot be told to the engine, so this
 * one check is made here, in the shape of the engine's own: the limit and where it comes from.
 */
import type { Problem } from '$src/bindings/engine';

export interface NumberRule {
  /** The field's path in the profile. */
  field: string;
  min: number;
  max: number;
  /** Where the limit comes from; empty where it is ours. */
  source: string;
  /** An empty field stands for "none". */
  optional?: boolean;
}

const U16 = 65_535;
const U32 = 0xffff_ffff;

export const RULES = {
  port: { field: 'endpoint.port', min: 1, max: U16, source: 'RFC 6335' },
  keepAlive: { field: 'keep_alive', min: 0, max: U16, source: 'MQTT 5.0, 3.1.2.10' },
  connectTimeout: { field: 'connect_timeout', min: 1, max: 600, source: '' },
  sessionExpiry: { field: 'session_expiry', min: 0, max: U32, source: 'MQTT 5.0, 3.1.2.11.2' },
  receiveMaximum: {
    field: 'connect_properties.receive_maximum',
    min: 1,
    max: U16,
    source: 'MQTT 5.0, 3.1.2.11.3',
    optional: true,
  },
  maximumPacketSize: {
    field: 'connect_properties.maximum_packet_size',
    min: 1,
    max: U32,
    source: 'MQTT 5.0, 3.1.2.11.4',
    optional: true,
  },
  topicAliasMaximum: {
    field: 'connect_properties.topic_alias_maximum',
    min: 0,
    max: U16,
    source: 'MQTT 5.0, 3.1.2.11.5',
    optional: true,
  },
  proxyPort: { field: 'proxy.server.port', min: 1, max: U16, source: 'RFC 6335' },
  willDelay: {
    field: 'will.properties.delay_interval',
    min: 0,
    max: U32,
    source: 'MQTT 5.0, 3.1.3.2.2',
    optional: true,
  },
  willExpiry: {
    field: 'will.properties.message_expiry',
    min: 0,
    max: U32,
    source: 'MQTT 5.0, 3.1.3.2.4',
    optional: true,
  },
  firstDelay: { field: 'reconnect.first_delay_ms', min: 100, max: 3_600_000, source: '' },
  maxDelay: { field: 'reconnect.max_delay_ms', min: 100, max: 3_600_000, source: '' },
  jitter: { field: 'reconnect.jitter_percent', min: 0, max: 100, source: '' },
  maxAttempts: { field: 'reconnect.max_attempts', min: 1, max: U32, source: '', optional: true },
} as const satisfies Record<string, NumberRule>;

export type NumberName = keyof typeof RULES;

export const NUMBERS = Object.keys(RULES) as NumberName[];

/** The number that was typed; null for "none", undefined for what is no number within the limits. */
export function readNumber(text: string, rule: NumberRule): number | null | undefined {
  const plain = text.trim();
  if (plain === '' && rule.optional) return null;
  if (!/^\d{1,10}$/.test(plain)) return undefined;
  const value = Number(plain);
  return value >= rule.min && value <= rule.max ? value : undefined;
}

/** What is wrong with the text of a number field. */
export function numberProblem(text: string, rule: NumberRule): Problem | null {
  if (readNumber(text, rule) !== undefined) return null;
  const { field, min, max, source } = rule;
  const limit = `${min}..${max}`;
  return { field, weight: 'error', code: 'out_of_range', limit, source, reason: null };
}
