/** Every cause and fix that the engine can tell has its words, in both languages, and they use its details. */
import { expect, test } from 'vitest';

import en from '../../messages/en.json';
import zh from '../../messages/zh.json';
import type { Cause, CauseCode, Fix, FixCode } from '$src/bindings/engine';
import bindings from '$src/bindings/engine.ts?raw';

import { apartWords, causeKey, causeWords, fixKey, fixWords } from './diagnosis';

const catalogues: [string, Record<string, unknown>][] = [
  ['en', en],
  ['zh', zh],
];

/** The codes of a type of the bindings, which has no list of its own. */
function codes(type: string): string[] {
  const line = new RegExp(`export type ${type} = (.*);`).exec(bindings)?.[1] ?? '';
  return [...line.matchAll(/"([^"]+)"/g)].map((hit) => hit[1] ?? '');
}

const cause = (code: CauseCode, details: Record<string, string>, apart = ''): Cause => ({
  code,
  message: 'engine',
  told_apart: apart,
  details,
});

const fix = (code: FixCode, fields: Partial<Fix>): Fix => ({
  code,
  message: 'engine',
  details: {},
  changes: [],
  field: null,
  ...fields,
});

test.each(catalogues)('every cause has its words in %s', (_, words) => {
  expect(codes('CauseCode').length).toBeGreaterThan(70);
  expect(codes('CauseCode').filter((code) => !(causeKey(code) in words))).toEqual([]);
});

test.each(catalogues)('every fix has its words in %s', (_, words) => {
  expect(codes('FixCode').length).toBeGreaterThan(40);
  expect(codes('FixCode').filter((code) => !(fixKey(code) in words))).toEqual([]);
});

test.each(catalogues)('no words are left of a code that is gone in %s', (_, words) => {
  const known = new Set([
    ...codes('CauseCode').flatMap((code) => [causeKey(code), `${causeKey(code)}_apart`]),
    ...codes('FixCode').flatMap((code) => [fixKey(code), `${fixKey(code)}_by_hand`]),
  ]);
  const keys = Object.keys(words).filter((key) => /^(cause|fix)_/.test(key));
  expect(keys.filter((key) => !known.has(key))).toEqual([]);
});

test('details stand in the sentence', () => {
  const refused = cause('tcp.refused', { host: 'broker.example', port: '1884' });
  expect(causeWords(refused)).toContain('broker.example');
  expect(causeWords(refused)).toContain('1884');
  expect(apartWords(refused)).toBe('');
});

test('what tells two causes apart is said only where there are two', () => {
  const details = { host: 'h', port: '1', until: '2024-01-01', now: '2026-01-01' };
  expect(apartWords(cause('tls.certificate_expired', details, 'engine'))).toContain('2024-01-01');
  expect(apartWords(cause('tls.certificate_expired', details))).toBe('');
});

test('an error behind a cause is told in its own words', () => {
  const details = { field: 'tls.alpn', reason: 'engine', error: 'tls.alpn_invalid' };
  expect(causeWords(cause('settings.invalid', details))).toContain(en.error_tls_alpn_invalid);
});

test('a reason code is told with its number and what the broker said', () => {
  const details = { reason: 'engine', reason_code: '87', reason_string: 'no ACL' };
  const words = causeWords(cause('session.disconnected', details));
  expect(words).toContain(`0x87 ${en.messages_reason_87}, "no ACL"`);
  const silent = causeWords(cause('session.disconnected', { ...details, reason_string: '–' }));
  expect(silent).not.toContain('"');
});

test('a return code is told with its number', () => {
  const words = causeWords(cause('mqtt.not_authorised', { reason: 'engine', return_code: '5' }));
  expect(words).toContain(`5 ${en.diagnosis_return_5}`);
});

test('a fact that is missing is a dash', () => {
  expect(causeWords(cause('tcp.refused', {}))).toContain('–');
  expect(causeWords(cause('tcp.refused', {}))).not.toContain('undefined');
});

test('a fix that cannot be clicked says what to do by hand', () => {
  const change = { field: 'endpoint.host', before: 'a', after: 'b' };
  expect(fixWords(fix('use_host', {}))).toBe(en.fix_use_host_by_hand);
  const clicked = fix('use_host', { changes: [change], details: { address: 'b:1883' } });
  expect(fixWords(clicked)).toContain('b:1883');
  expect(fixWords(fix('read_broker_log', {}))).toBe(en.fix_read_broker_log);
});

test('a code that the catalogues do not know has the words of the engine', () => {
  expect(causeWords(cause('not.there' as CauseCode, {}))).toBe('engine');
  expect(fixWords(fix('not_there' as FixCode, {}))).toBe('engine');
});
