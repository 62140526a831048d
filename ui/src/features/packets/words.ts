/** Packets in words. Names of packets and flags are the specification's and the same in every language. */
import type { PacketKind, PacketRow, ReasonCode } from '$src/bindings/engine';
import { reasonHex, reasonText } from '$src/features/messages/words';
import { m } from '$src/i18n';
import { elapsed } from '$src/lib/elapsed';

export const KINDS: readonly PacketKind[] = [
  ...(['CONNECT', 'CONNACK', 'DISCONNECT', 'AUTH'] as const),
  ...(['PUBLISH', 'PUBACK', 'PUBREC', 'PUBREL', 'PUBCOMP'] as const),
  ...(['SUBSCRIBE', 'SUBACK', 'UNSUBSCRIBE', 'UNSUBACK'] as const),
  ...(['PINGREQ', 'PINGRESP', 'UNKNOWN'] as const),
];

/** A type as it is shown: the specification's name. */
export function kindText(kind: PacketKind): string {
  return kind === 'UNKNOWN' ? m.packets_kind_unknown() : kind;
}

/** The flags of a PUBLISH: `Q1 D R`. */
export function flagsText({ qos, dup, retain }: PacketRow): string {
  if (qos === null) return '';
  return [`Q${qos}`, dup ? 'D' : '', retain ? 'R' : ''].filter(Boolean).join(' ');
}

/** The same in full, for a tooltip and for a screen reader. */
export function flagsTitle({ qos, dup, retain }: PacketRow): string {
  if (qos === null) return '';
  return [`QoS ${qos}`, dup ? 'DUP' : '', retain ? 'RETAIN' : ''].filter(Boolean).join(', ');
}

/**
 * A Reason Code in words, and as the number that it was. SUBACK and DISCONNECT give 0x00 words of their own, and the
 * CONNACK of 3.1 and 3.1.1 has five codes that mean something else in other packets.
 */
export function codeText(code: ReasonCode, kind: PacketKind): string {
  const words = wordsOf(code, kind);
  return words ? `${words()} (${reasonHex(code)})` : reasonText(code);
}

function wordsOf(code: ReasonCode, kind: PacketKind): (() => string) | undefined {
  if (kind === 'CONNACK' && code in RETURN_CODES) return RETURN_CODES[code];
  if (code === 0 && kind === 'DISCONNECT') return m.packets_reason_disconnect;
  if (code === 0 && kind === 'SUBACK') return m.packets_reason_granted;
  return MORE[code];
}

/** Of the CONNACK of MQTT 3.1.1, table 3.1. */
const RETURN_CODES: Partial<Record<number, () => string>> = {
  1: m.diagnosis_reason_84,
  2: m.diagnosis_reason_85,
  3: m.diagnosis_reason_88,
  4: m.diagnosis_reason_86,
  5: m.messages_reason_87,
};

/** Codes that no message is answered with. */
const MORE: Partial<Record<ReasonCode, () => string>> = {
  0x18: m.packets_reason_18,
  0x19: m.packets_reason_19,
  0x84: m.diagnosis_reason_84,
  0x85: m.diagnosis_reason_85,
  0x86: m.diagnosis_reason_86,
  0x88: m.diagnosis_reason_88,
  0x89: m.diagnosis_reason_89,
  0x8a: m.diagnosis_reason_8a,
  0x8b: m.diagnosis_reason_8b,
  0x8c: m.diagnosis_reason_8c,
  0x9c: m.diagnosis_reason_9c,
  0x9d: m.diagnosis_reason_9d,
  0x9f: m.diagnosis_reason_9f,
  0xa0: m.diagnosis_reason_a0,
};

/** How an exchange went: its round trip, or that it is open; empty where there is nothing to say. */
export function exchangeText({ exchange, fault }: PacketRow, locale: string): string {
  // Nobody answers what breaks a rule.
  if (!exchange || fault) return '';
  if (!exchange.complete) return m.packets_exchange_open();
  return exchange.round_trip_us === null ? '' : elapsed(exchange.round_trip_us, locale);
}

/** The same in a sentence. */
export function exchangeTitle({ exchange }: PacketRow, locale: string): string {
  if (!exchange) return '';
  const count = String(exchange.packets);
  if (!exchange.complete) return m.packets_exchange_open_title({ count });
  const time = elapsed(exchange.round_trip_us ?? 0, locale);
  return m.packets_exchange_title({ count, time });
}
