import { expect, it } from 'vitest';

import type { Outcome, PacketKind, ReasonCode } from '$src/bindings/engine';
import { reasonOptions } from '$src/features/connection/disconnecting';
import { answerWord } from '$src/features/diagnosis/words';
import { outcomeWords, reasonHex, reasonText } from '$src/features/messages/words';
import { codeText } from '$src/features/packets/words';
import { stateWords } from '$src/features/subscriptions/words';
import { followLocale } from '$src/i18n';

import { subscriptionOf } from './nouns';

/** Every Reason Code of MQTT 5.0 (section 2.4) by the packet in which it may stand. */
const CODES: Partial<Record<PacketKind, ReasonCode[]>> = {
  CONNACK: [
    ...[0x00, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8c, 0x90, 0x95],
    ...[0x97, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9f],
  ],
  PUBACK: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  PUBREC: [0x00, 0x10, 0x80, 0x83, 0x87, 0x90, 0x91, 0x97, 0x99],
  PUBREL: [0x00, 0x92],
  PUBCOMP: [0x00, 0x92],
  SUBACK: [0x00, 0x01, 0x02, 0x80, 0x83, 0x87, 0x8f, 0x91, 0x97, 0x9e, 0xa1, 0xa2],
  UNSUBACK: [0x00, 0x11, 0x80, 0x83, 0x87, 0x8f, 0x91],
  DISCONNECT: [
    ...[0x00, 0x04, 0x80, 0x81, 0x82, 0x83, 0x87, 0x89, 0x8b, 0x8d, 0x8e, 0x8f, 0x90, 0x93, 0x94],
    ...[0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2],
  ],
  AUTH: [0x00, 0x18, 0x19],
};

/** Of the CONNACK of MQTT 3.1.1. */
const RETURN_CODES = [1, 2, 3, 4, 5];

const LOCALES = ['en', 'zh'] as const;

/** What a function says in each language. */
function inBoth(say: () => string): string[] {
  return LOCALES.map((locale) => {
    followLocale(() => locale);
    return say();
  });
}

/** Words, in both languages and not the same, with the number behind them. */
function expectWords(what: string, number: string, texts: string[]): void {
  for (const text of texts) {
    expect(text, what).toContain(`(${number})`);
    expect(text.replace(`(${number})`, '').trim(), what).not.toBe('');
    expect(text, what).not.toMatch(/^0x[0-9A-F]{2}$/);
  }
  expect(texts[0], what).not.toBe(texts[1]);
}

const rows = Object.entries(CODES).flatMap(([kind, codes]) =>
  codes.map((code): [PacketKind, ReasonCode] => [kind as PacketKind, code]),
);

it('knows all 43 codes of the specification', () => {
  expect(new Set(rows.map(([, code]) => code)).size).toBe(43);
});

it('says each code of each packet in words in the packets pane', () => {
  for (const [kind, code] of rows) {
    const texts = inBoth(() => codeText(code, kind));
    expectWords(`${kind} ${reasonHex(code)}`, reasonHex(code), texts);
  }
  for (const code of RETURN_CODES) {
    expectWords(
      `CONNACK ${code}`,
      reasonHex(code),
      inBoth(() => codeText(code, 'CONNACK')),
    );
  }
});

it('says each code of an answer to a message in words at its outcome', () => {
  const of = [CODES.PUBACK, CODES.PUBREC, CODES.PUBCOMP].flatMap((codes) => codes ?? []);
  for (const code of of.filter((one) => one !== 0)) {
    const outcome: Outcome =
      code >= 0x80 ? { state: 'refused', reason: code } : { state: 'acknowledged', reason: code };
    const texts = inBoth(() => outcomeWords(outcome).text);
    for (const [n, text] of texts.entries()) {
      const locale = LOCALES[n] ?? 'en';
      followLocale(() => locale);
      expect(text).toContain(reasonText(code));
      expect(reasonText(code)).not.toBe(reasonHex(code));
    }
  }
});

it('says each code of SUBACK in words at its subscription', () => {
  for (const code of CODES.SUBACK ?? []) {
    const wanted = subscriptionOf('a', 2);
    const counters = { reason_string: null, received: 0, received_per_second: 0 };
    const texts = inBoth(() =>
      code < 0x80
        ? stateWords({ wanted, state: 'granted', granted: code as 0 | 1 | 2, ...counters }).text
        : stateWords({ wanted, state: 'refused', reason: code, ...counters }).text,
    );
    if (code < 0x80) texts.forEach((text) => expect(text).toContain(String(code)));
    else {
      expect(texts[0]).not.toBe(texts[1]);
      texts.forEach((text) => expect(text).toMatch(/\S+.*\(0x[0-9A-F]{2}\)/));
    }
  }
});

it('says each code of CONNACK and DISCONNECT in words in the account of an attempt', () => {
  const answer = { reason_name: '', reason_string: null, server_reference: null, properties: [] };
  for (const [kind, code] of rows) {
    if (kind !== 'CONNACK' && kind !== 'DISCONNECT') continue;
    const texts = inBoth(() => answerWord({ ...answer, reason: code }, '5.0'));
    expectWords(`${kind} ${reasonHex(code)}`, reasonHex(code), texts);
  }
  for (const code of RETURN_CODES) {
    const texts = inBoth(() => answerWord({ ...answer, reason: code }, '3.1.1'));
    expectWords(`CONNACK ${code}`, String(code), texts);
  }
});

it('offers each code that a client may send with DISCONNECT in words', () => {
  for (const locale of LOCALES) {
    followLocale(() => locale);
    const options = reasonOptions();
    expect(options.length).toBeGreaterThan(10);
    for (const { value, label } of options) {
      expect(label).not.toBe(reasonHex(value));
      expect(CODES.DISCONNECT).toContain(value);
    }
  }
});
