/** Verdicts, outcomes, spans of time and Reason Codes of a report in words. */
import type {
  AddressOutcome,
  BrokerAnswer,
  CertificateCheck,
  Diagnosis,
  Endpoint,
  ProtocolVersion,
  Report,
  StreamEnd,
  TlsTrust,
} from '$src/bindings/engine';
import { reasonText } from '$src/features/messages/words';
import { getLocale, m } from '$src/i18n';

import type { RowVerdict } from './stages';

export type Tone = 'plain' | 'ok' | 'warn' | 'bad';

export function verdictWord(verdict: RowVerdict): string {
  const words: Record<RowVerdict, () => string> = {
    running: m.diagnosis_stage_running,
    passed: m.diagnosis_stage_passed,
    failed: m.diagnosis_stage_failed,
    cancelled: m.diagnosis_stage_cancelled,
    skipped: m.diagnosis_stage_skipped,
    to_come: m.diagnosis_stage_to_come,
  };
  return words[verdict]();
}

/** The whole report's verdict in a short sentence. */
export function reportWord(report: Report | null, busy: boolean): string {
  if (busy) return m.diagnosis_running();
  switch (report?.diagnosis?.verdict) {
    case 'ok':
      return m.diagnosis_ok();
    case 'failed':
      return stoodOnce(report) ? m.diagnosis_lost() : m.diagnosis_failed();
    case 'cancelled':
      return m.diagnosis_cancelled();
    case undefined:
      return m.diagnosis_not_judged();
  }
}

/** Whether the connection was there: every stage of the attempt passed. */
function stoodOnce(report: Report | null): boolean {
  const stages = report?.account?.attempt.stages ?? [];
  const stood = stages.some(({ stage, verdict }) => stage === 'mqtt' && verdict === 'passed');
  return stood && stages.every(({ verdict }) => verdict === 'passed');
}

export function reportTone(diagnosis: Diagnosis | null, busy: boolean): Tone {
  if (busy || !diagnosis || diagnosis.verdict === 'cancelled') return 'plain';
  if (diagnosis.verdict === 'failed') return 'bad';
  return diagnosis.causes.length > 0 ? 'warn' : 'ok';
}

export function outcomeWord(outcome: AddressOutcome): string {
  const words: Record<AddressOutcome, () => string> = {
    connected: m.diagnosis_address_connected,
    refused: m.diagnosis_address_refused,
    timed_out: m.diagnosis_address_timed_out,
    unreachable: m.diagnosis_address_unreachable,
    reset: m.diagnosis_address_reset,
    failed: m.diagnosis_address_failed,
    not_needed: m.diagnosis_address_not_needed,
  };
  return words[outcome]();
}

export function trustWord(trust: TlsTrust): string {
  const words: Record<TlsTrust, () => string> = {
    system: m.diagnosis_trust_system,
    profile: m.diagnosis_trust_profile,
    pinned: m.diagnosis_trust_pinned,
    nothing: m.diagnosis_trust_nothing,
  };
  return words[trust]();
}

export function checkWord(check: CertificateCheck): string {
  const words: Record<CertificateCheck, () => string> = {
    issuer: m.diagnosis_check_issuer,
    name: m.diagnosis_check_name,
    dates: m.diagnosis_check_dates,
    signature: m.diagnosis_check_signature,
    version: m.diagnosis_check_version,
    purpose: m.diagnosis_check_purpose,
    pin: m.diagnosis_check_pin,
    other: m.diagnosis_check_other,
  };
  return words[check]();
}

export function endWord(end: StreamEnd): string {
  const words: Record<StreamEnd, () => string> = {
    closed: m.diagnosis_end_closed,
    reset: m.diagnosis_end_reset,
    timed_out: m.diagnosis_end_timed_out,
    foreign: m.diagnosis_end_foreign,
    tls: m.diagnosis_end_tls,
    failed: m.diagnosis_end_failed,
    ours: m.diagnosis_end_ours,
  };
  return words[end]();
}

/** Return Codes of a CONNACK before MQTT 5 (MQTT 3.1.1, table 3.1). */
const RETURN_CODES: readonly (() => string)[] = [
  m.diagnosis_return_0,
  m.diagnosis_return_1,
  m.diagnosis_return_2,
  m.diagnosis_return_3,
  m.diagnosis_return_4,
  m.diagnosis_return_5,
];

/** Reason Codes that only CONNACK and DISCONNECT have (MQTT 5.0, tables 3-1 and 3-13). */
const REASON_CODES: Record<number, () => string> = {
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

/** A Reason Code with its number and in words: `Not authorized (0x87)`, before MQTT 5 `.. (5)`. */
export function answerWord(answer: BrokerAnswer, version: ProtocolVersion): string {
  const { reason, reason_name: name } = answer;
  if (version !== '5.0') return `${RETURN_CODES[reason]?.() ?? name} (${reason})`;
  const hex = `0x${reason.toString(16).toUpperCase().padStart(2, '0')}`;
  const own = REASON_CODES[reason]?.();
  if (own) return `${own} (${hex})`;
  const text = reasonText(reason);
  return text === hex && name ? `${name} (${hex})` : text;
}

/** A span of time as stages take it: `0.4 ms`, `12 ms`, `1.2 s`. */
export function spanWord(us: number): string {
  const locale = getLocale();
  const digits = (maximumFractionDigits: number) =>
    new Intl.NumberFormat(locale, { maximumFractionDigits });
  if (us < 9_950) return `${digits(1).format(us / 1_000)} ms`;
  if (us < 999_500) return `${digits(0).format(us / 1_000)} ms`;
  return `${digits(1).format(us / 1_000_000)} s`;
}

/** The address that was tried, as it is written. */
export function endpointWord({ scheme, host, port, path }: Endpoint): string {
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return `${scheme}://${authority}${scheme === 'ws' || scheme === 'wss' ? path : ''}`;
}

/** When the attempt began; empty where it has not. */
export function beganWord(report: Report): string {
  const began = report.account?.began_ms;
  if (began === undefined) return '';
  return new Intl.DateTimeFormat(getLocale(), {
    dateStyle: 'medium',
    timeStyle: 'medium',
    hourCycle: 'h23',
  }).format(began);
}

const DAY_S = 86_400;
const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 365 * DAY_S],
  ['month', 30 * DAY_S],
  ['day', DAY_S],
  ['hour', 3_600],
  ['minute', 60],
];

/** How far away a moment is: `3 days ago`, `in 2 months`; the largest unit of which there are two, or the next. */
export function agoWord(seconds: number): string {
  const format = new Intl.RelativeTimeFormat(getLocale(), { numeric: 'always' });
  const [unit, size] = UNITS.find(([, each]) => Math.abs(seconds) >= each * 2) ?? ['minute', 60];
  return format.format(Math.trunc(seconds / size), unit);
}

export interface Validity {
  tone: Tone;
  text: string;
}

/** Whether a certificate is valid now, and how long still. */
export function validityOf(notBeforeS: number, notAfterS: number, nowMs: number): Validity {
  const nowS = nowMs / 1_000;
  if (nowS > notAfterS) {
    return {
      tone: 'bad',
      text: m.diagnosis_certificate_expired({ ago: agoWord(notAfterS - nowS) }),
    };
  }
  if (nowS < notBeforeS) {
    const when = agoWord(notBeforeS - nowS);
    return { tone: 'bad', text: m.diagnosis_certificate_not_yet({ when }) };
  }
  const left = notAfterS - nowS;
  return {
    tone: left < 14 * DAY_S ? 'warn' : 'ok',
    text: m.diagnosis_certificate_valid({ when: agoWord(left) }),
  };
}

/** A day in UTC, as certificates name it. */
export function dayWord(seconds: number): string {
  return new Intl.DateTimeFormat(getLocale(), {
    dateStyle: 'medium',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone: 'UTC',
  }).format(seconds * 1_000);
}
