/** A report as Markdown: everything is in it, names are masked everywhere, and strangers' text means nothing. */
import { expect, test } from 'vitest';

import type { Report } from '$src/bindings/engine';

import { profileOf } from '../../../tests/memory';
import {
  accountOf,
  allWell,
  certificateOf,
  loginPage,
  reportOf,
  tlsOf,
  unknownCa,
} from '../../../tests/reports';
import { codeBlock, codeSpan, escapeText, markdownOf } from './markdown';
import { Masker, namesOf, USUAL_MASKS, type Masks } from './masking';

const NONE: Masks = { users: false, hosts: false, certificates: false };
const ALL: Masks = { users: true, hosts: true, certificates: true };
const NOW = Date.UTC(2026, 10, 21, 10, 13);

const profile = profileOf('a', {
  endpoint: { scheme: 'mqtts', host: 'gw.plant-a.example', port: 8883, path: '/mqtt' },
  user_name: 'gateway',
});
const markdown = (report: Report, masks = NONE) =>
  markdownOf({ report, profile, version: '0.4.0', nowMs: NOW }, masks);
const masker = (masks: Masks, report = unknownCa()) => new Masker(namesOf(report, profile), masks);

test('all stages with their evidence, the cause and the fixes are in it', () => {
  const text = markdown(unknownCa());
  expect(text).toContain('# MQTTScope connection report');
  expect(text).toContain('- Broker: `mqtts://gw.plant-a.example:8883`');
  expect(text).toContain('`tls.unknown_ca`');
  expect(text).toContain("Trust: `System's authorities` → `SHA-256 AB:12:9F:03…3A:D5:41:7F`");
  expect(text).toContain('| TLS handshake | failed | 9.5 ms |');
  expect(text).toContain('| MQTT CONNECT | skipped |');
  expect(text).toContain('#### 1. broker: valid, ends in 9 months');
  expect(text).toContain('| `[2001:db8::7]:8883` | unreachable | `0.3 ms` |');
});

test('the offer, the answers to subscriptions and the pings are in it', () => {
  const text = markdown(allWell());
  expect(text).toContain('| Shared subscriptions | no |');
  expect(text).toContain('| `$SYS/#` | `0` | Not authorized (0x87) |');
  expect(text).toContain('`8.2 ms, 7.9 ms`');
});

test('host names and addresses are masked wherever they occur, the same name alike', () => {
  const text = markdown(unknownCa(), USUAL_MASKS);
  expect(text).not.toMatch(/plant-a\.example|203\.0\.113|2001:db8/i);
  expect(text).toContain('mqtts://host-1:8883');
  expect(text).toContain('`CN=host-1, O=Plant A`');
  expect(text.match(/host-1(?!\d)/g)?.length).toBeGreaterThan(4);
});

test('headers, bodies, redirects and query strings are masked too', () => {
  const report = loginPage();
  const { websocket, name } = report.account?.facts ?? {};
  if (websocket)
    websocket.body = 'call ops@corp.example or 10.1.2.3, fe80::1%eth0, portal.corp.example';
  if (name) name.addresses = ['10.1.2.3'];
  const text = markdown(report, USUAL_MASKS);
  expect(text).not.toMatch(/corp\.example|10\.1\.2\.3|fe80|plant-a|gateway/);
  expect(text).toMatch(/https:\/\/host-\d+\/\?user=user-\d+/);
});

test('user names and client identifiers are masked, also those that the broker gave', () => {
  const report = allWell();
  const { mqtt } = report.account?.facts ?? {};
  if (mqtt?.offer) mqtt.offer.assigned_client_id = 'auto-77';
  if (mqtt?.connack) mqtt.connack.reason_string = 'welcome gateway (mqttscope-4f9a1c7e, auto-77)';
  const text = markdown(report, { ...NONE, users: true });
  expect(text).not.toMatch(/gateway|4f9a1c7e|auto-77/);
  expect(text).toMatch(/welcome user-\d \(user-\d, user-\d\)/);
});

test('names, serial numbers and fingerprints of certificates can be masked', () => {
  const text = markdown(unknownCa(), ALL);
  expect(text).not.toMatch(/Plant CA|O=Plant A|3F9C17A0B2|AB:12:9F:03:5C/);
  expect(text).toMatch(/CN=certificate-\d+/);
});

test('masks leave numbers, versions, ciphers and times as they are', () => {
  const text = 'HTTP/1.1 101, TLSv1.3 TLS13_AES_256_GCM_SHA384 nginx/1.22.1 at 10:13:00 in 3.3 ms';
  expect(masker(ALL).mask(text)).toBe(text);
});

test('a fingerprint is no address', () => {
  const { sha256 } = certificateOf();
  expect(masker(USUAL_MASKS).mask(sha256)).toBe(sha256);
});

test.each(['a-', 'a.', '1:', 'a_', ':', 'a@', '1.'])(
  'a long text of %j keeps nobody waiting',
  (piece) => {
    const began = performance.now();
    masker(ALL).mask(piece.repeat(30_000));
    expect(performance.now() - began).toBeLessThan(2_000);
  },
);

test('a name is found in any case, and not inside of another word', () => {
  const mask = masker(USUAL_MASKS);
  expect(mask.mask('GW.Plant-A.example')).toBe(mask.mask('gw.plant-a.example'));
  expect(mask.mask('gateways')).toBe('gateways');
});

test('text that would be Markdown, HTML, a link or a mention means nothing', () => {
  const text = markdown(loginPage());
  expect(text).toContain('````text\n<script>alert(1)</script>\n```\n# [click]');
  expect(text).toContain('`Server`: ``portal/1.2 `x` | <b>``');
  const outside = text.replace(/^````text\n[^]*?^````$/gm, '');
  expect(outside).not.toContain('<script>');
});

test('a detail inside of a sentence loses its signs', () => {
  expect(escapeText('<b>*x*</b> [a](https://e.example) @you `c` #1 www.e.example')).toBe(
    '&lt;b\\>\\*x\\*&lt;/b\\> \\[a\\](https&#58;//e.example) &#64;you \\`c\\` \\#1 www&#46;e.example',
  );
  expect(escapeText('line\n# heading')).toBe('line↵\\# heading');
});

test('a bar of a stranger ends no cell', () => {
  const report = allWell();
  const { subscribe } = report.account?.facts ?? {};
  const [answer] = subscribe?.answers ?? [];
  if (answer) answer.wanted.filter = 'a|b';
  expect(markdown(report)).toContain('| `a\\|b` | `1` |');
});

test('fences are longer than what they hold', () => {
  expect(codeSpan('a`b``c')).toBe('```a`b``c```');
  expect(codeSpan('`a`')).toBe('`` `a` ``');
  expect(codeBlock('```\n````')).toBe('`````text\n```\n````\n`````');
});

test('signs that hide or turn the writing direction are made visible', () => {
  expect(codeSpan('a\u202eb\u0007')).toBe('`a‹U+202E›b␇`');
});

test('a chain that is masked keeps what the diagnosis needs', () => {
  const rejected = { check: 'dates' as const, reason: 'certificate expired' };
  const chain = [certificateOf({ not_after_s: NOW / 1_000 - 3 * 86_400 })];
  const account = accountOf([], { tls: tlsOf({ chain, rejected }) });
  account.attempt.stages = [
    { stage: 'tls', verdict: 'failed', began_us: 0, took_us: 1, evidence: 'expired' },
  ];
  const text = markdown(reportOf({ account }), ALL);
  expect(text).toContain('broker: expired 3 days ago');
  expect(text).toContain('EC P-256');
});
