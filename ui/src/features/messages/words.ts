/** Outcomes and Reason Codes in words. */
import type { Outcome, ReasonCode } from '$src/bindings/engine';
import { m } from '$src/i18n';

export type Tone = 'quiet' | 'good' | 'bad';

export interface Words {
  /** One sign, for where there is no room for words. */
  sign: string;
  text: string;
  tone: Tone;
}

const REASONS: Record<ReasonCode, () => string> = {
  0x00: m.messages_reason_00,
  0x01: m.messages_reason_01,
  0x02: m.messages_reason_02,
  0x04: m.messages_reason_04,
  0x10: m.messages_reason_10,
  0x11: m.messages_reason_11,
  0x80: m.messages_reason_80,
  0x81: m.messages_reason_81,
  0x82: m.messages_reason_82,
  0x83: m.messages_reason_83,
  0x87: m.messages_reason_87,
  0x8d: m.messages_reason_8d,
  0x8e: m.messages_reason_8e,
  0x8f: m.messages_reason_8f,
  0x90: m.messages_reason_90,
  0x91: m.messages_reason_91,
  0x92: m.messages_reason_92,
  0x93: m.messages_reason_93,
  0x94: m.messages_reason_94,
  0x95: m.messages_reason_95,
  0x96: m.messages_reason_96,
  0x97: m.messages_reason_97,
  0x98: m.messages_reason_98,
  0x99: m.messages_reason_99,
  0x9a: m.messages_reason_9a,
  0x9b: m.messages_reason_9b,
  0x9e: m.messages_reason_9e,
  0xa1: m.messages_reason_a1,
  0xa2: m.messages_reason_a2,
};

/** A Reason Code as it was on the wire: `0x87`. */
export function reasonHex(code: ReasonCode): string {
  return `0x${code.toString(16).toUpperCase().padStart(2, '0')}`;
}

/** A Reason Code in words and as a number: `Not authorized (0x87)`. */
export function reasonText(code: ReasonCode): string {
  const words = REASONS[code];
  return words ? `${words()} (${reasonHex(code)})` : reasonHex(code);
}

/** What became of a sent message. */
export function outcomeWords(outcome: Outcome): Words {
  switch (outcome.state) {
    case 'pending':
      return { sign: '…', text: m.messages_outcome_pending(), tone: 'quiet' };
    case 'sent':
      return { sign: '✓', text: m.messages_outcome_sent(), tone: 'quiet' };
    case 'acknowledged':
      return good('✓', m.messages_outcome_acknowledged(), outcome.reason);
    case 'completed':
      return good('✓✓', m.messages_outcome_completed(), outcome.reason);
    case 'refused':
      return bad(withReason(m.messages_outcome_refused(), outcome.reason));
    case 'failed':
      return bad(failedText(outcome.code));
  }
}

function good(sign: string, word: string, reason: ReasonCode): Words {
  return { sign, text: withReason(word, reason), tone: 'good' };
}

function bad(text: string): Words {
  return { sign: '✕', text, tone: 'bad' };
}

function withReason(word: string, reason: ReasonCode): string {
  return reason === 0
    ? word
    : m.messages_outcome_reason({ outcome: word, reason: reasonText(reason) });
}

function failedText(code: string): string {
  switch (code) {
    case 'request.lost':
    case 'mqtt.connection_lost':
      return m.messages_outcome_lost();
    case 'mqtt.packet_too_large':
      return m.messages_outcome_too_large();
    case 'cancelled':
      return m.messages_outcome_cancelled();
    default:
      return m.messages_outcome_failed({ code });
  }
}
