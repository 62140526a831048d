/** A report in a document: verdict, causes, fixes and stages, live and at the end; strangers' text stays text. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi, type Mock } from 'vitest';

import { useBackend } from '$src/backend';
import type { Fix, Report } from '$src/bindings/engine';
import { reactive } from '$src/state/reactive.svelte';

import { MemoryEngine } from '../../../tests/memory';
import { allWell, certificateOf, grown, loginPage, tlsOf, unknownCa } from '../../../tests/reports';
import DiagnosisView from './DiagnosisView.svelte';
import { byId, click, find, has, rowsOf, settled, textOf } from './testing';

interface Props {
  report: Report | null;
  busy: boolean;
  onApply: Mock<(fix: Fix) => void>;
  onField: Mock<(field: string) => void>;
  onCancel: Mock<() => void>;
}

let engine: MemoryEngine;
let mounted: Record<string, unknown> | null = null;

beforeEach(() => {
  engine = new MemoryEngine();
  useBackend(engine);
});

afterEach(async () => {
  if (mounted) await unmount(mounted);
  mounted = null;
});

function show(report: Report | null, busy = false): Props {
  const props: Props = reactive({
    report,
    busy,
    onApply: vi.fn(),
    onField: vi.fn(),
    onCancel: vi.fn(),
  });
  mounted = mount(DiagnosisView, { target: document.body, props });
  flushSync();
  return props;
}

const verdicts = () =>
  [...document.querySelectorAll<HTMLElement>('[data-testid=diagnosis-stages] > li')].map(
    (item) => item.dataset['verdict'],
  );

test('the stages fill in live and the list keeps its length', () => {
  const whole = unknownCa();
  const props = show(grown(whole, 2), true);
  expect(verdicts()).toEqual(['passed', 'running', 'to_come', 'to_come', 'to_come']);
  expect(textOf('diagnosis-verdict')).toBe('Checking…');
  props.report = grown(whole, 4);
  flushSync();
  expect(verdicts()).toEqual(['passed', 'passed', 'passed', 'running', 'to_come']);
  props.report = whole;
  props.busy = false;
  flushSync();
  expect(verdicts()).toEqual(['passed', 'passed', 'passed', 'failed', 'skipped']);
  expect(textOf('diagnosis-verdict')).toBe('The broker cannot be used');
});

test('settings that needed no time have passed', () => {
  const report = unknownCa();
  report.account?.attempt.stages.shift();
  show(report);
  expect(verdicts()).toEqual(['passed', 'passed', 'passed', 'failed', 'skipped']);
});

test('every verdict is a word too', () => {
  show(unknownCa());
  expect(textOf('diagnosis-stage-tls')).toContain('failed');
  expect(textOf('diagnosis-stage-tcp')).toContain('passed 3.3 ms');
  expect(textOf('diagnosis-stage-mqtt')).toContain('skipped');
});

test('what runs can be cancelled and not copied', () => {
  const props = show(grown(allWell(), 3), true);
  expect(has('diagnosis-copy')).toBe(false);
  click('diagnosis-cancel');
  expect(props.onCancel).toHaveBeenCalledOnce();
});

test('a stage opens to its evidence, and says so', () => {
  show(unknownCa());
  const row = byId('diagnosis-stage-tcp-open');
  expect(row.tagName).toBe('BUTTON');
  expect(row.getAttribute('aria-expanded')).toBe('false');
  click('diagnosis-stage-tcp-open');
  expect(row.getAttribute('aria-expanded')).toBe('true');
  const region = byId('diagnosis-stage-tcp-evidence');
  expect(row.getAttribute('aria-controls')).toBe(region.id);
  expect(region.textContent).toContain('[2001:db8::7]:8883');
  expect(region.textContent).toContain('unreachable');
  click('diagnosis-stage-tcp-open');
  expect(has('diagnosis-stage-tcp-evidence')).toBe(false);
});

test('a stage without evidence does not pretend to open', () => {
  show(unknownCa());
  expect(has('diagnosis-stage-mqtt-open')).toBe(false);
});

test('where the cause is not known, the evidence is shown at once', () => {
  const report = unknownCa();
  const [cause] = report.diagnosis?.causes ?? [];
  if (cause) cause.code = 'unknown';
  show(report);
  expect(has('diagnosis-stage-tls-evidence')).toBe(true);
});

test('one cause stands alone; two are told apart', async () => {
  show(unknownCa());
  expect(document.querySelectorAll('[data-testid=diagnosis-cause]').length).toBe(1);
  if (mounted) await unmount(mounted);
  show(loginPage());
  const causes = document.querySelectorAll('[data-testid=diagnosis-cause]');
  expect([...causes].map((each) => (each as HTMLElement).dataset['code'])).toEqual([
    'websocket.redirected',
    'websocket.web_page',
  ]);
  expect(document.querySelectorAll('.apart').length).toBe(2);
});

test('a fix shows what it changes in the words of the form, and is applied with one click', () => {
  const report = unknownCa();
  const props = show(report);
  const difference = find('[data-code=trust_certificate] [data-testid=fix-difference]');
  expect(difference.textContent?.replace(/\s+/g, ' ')).toBe(
    "Trust: now System's authorities → becomes SHA-256 AB:12:9F:03…3A:D5:41:7F",
  );
  click('fix-apply');
  expect(props.onApply).toHaveBeenCalledWith(report.diagnosis?.fixes[0]);
});

test('a fix without a change leads to its field, and plain advice has no button', () => {
  const props = show(unknownCa());
  expect(document.querySelectorAll('[data-testid=fix]').length).toBe(3);
  expect(document.querySelectorAll('[data-testid=diagnosis-fixes] button').length).toBe(2);
  click('fix-field');
  expect(props.onField).toHaveBeenCalledWith('tls.roots');
});

test('of many fixes the best are shown first', () => {
  const report = unknownCa();
  const { diagnosis } = report;
  if (diagnosis) diagnosis.fixes = [...diagnosis.fixes, ...diagnosis.fixes];
  show(report);
  expect(document.querySelectorAll('[data-testid=fix]').length).toBe(3);
  expect(textOf('fixes-more')).toBe('3 more');
  click('fixes-more');
  expect(document.querySelectorAll('[data-testid=fix]').length).toBe(6);
  expect(has('fixes-more')).toBe(false);
});

test('the cards of a chain tell whose it is, how long, with which key, and can be trusted', () => {
  const report = unknownCa();
  const expired = certificateOf({ not_after_s: Date.now() / 1_000 - 3.5 * 86_400 });
  if (report.account) report.account.facts.tls = tlsOf({ chain: [expired, certificateOf()] });
  const props = show(report);
  click('diagnosis-stage-tls-open');
  const cards = [...document.querySelectorAll<HTMLElement>('[data-testid=certificate-card]')];
  expect(cards.length).toBe(2);
  expect(textOf('certificate-validity')).toBe('expired 3 days ago');
  expect(cards[0]?.textContent).toContain('gw.plant-a.example, *.gw.plant-a.example');
  expect(cards[0]?.textContent).toContain('ecdsa-with-SHA256');
  expect(cards[0]?.textContent).toContain(expired.sha256);
  expect(document.querySelectorAll('[data-testid=certificate-trust]').length).toBe(1);
  click('certificate-trust');
  expect(props.onApply).toHaveBeenCalledWith(report.diagnosis?.fixes[0]);
});

test('the chain is saved as PEM where the dialog says', async () => {
  engine.picked = '/home/lin/chain.pem';
  show(unknownCa());
  click('diagnosis-stage-tls-open');
  click('certificates-save');
  await settled();
  expect(engine.diagnosis.saved?.path).toBe('/home/lin/chain.pem');
  expect(engine.diagnosis.saved?.pem.length).toBe(2);
  expect(byId('diagnosis-stage-tls-evidence').textContent).toContain('Saved: /home/lin/chain.pem');
});

test('what the broker offers is a table, and each filter has its answer', () => {
  show(allWell());
  click('diagnosis-stage-mqtt-open');
  const offer = textOf('diagnosis-stage-mqtt-evidence');
  expect(offer).toContain('Success (0x00)');
  expect(rowsOf('diagnosis-stage-mqtt-evidence')).toContain('Maximum QoS | 1');
  expect(rowsOf('diagnosis-stage-mqtt-evidence')).toContain('Shared subscriptions | no');
  click('diagnosis-stage-subscribe-open');
  const answers = rowsOf('diagnosis-stage-subscribe-evidence');
  expect(answers).toContain('plant-a/+/telemetry | 1 | granted QoS 0');
  expect(answers).toContain('$SYS/# | 0 | Not authorized (0x87)');
  click('diagnosis-stage-staying-open');
  expect(textOf('diagnosis-stage-staying-evidence')).toContain('8.2 ms, 7.9 ms');
});

test('a page that came instead is text and never HTML', () => {
  show(loginPage());
  click('diagnosis-stage-web-socket-open');
  const evidence = byId('diagnosis-stage-web-socket-evidence');
  expect(evidence.querySelector('script, a, b')).toBeNull();
  expect(evidence.querySelector('pre')?.textContent).toContain('<script>alert(1)</script>');
  expect(evidence.textContent).toContain('302 Found');
  expect(evidence.textContent).toContain('There was more');
});

test('the focus goes to the cause, but never out of a field', async () => {
  const field = document.createElement('input');
  document.body.append(field);
  field.focus();
  const props = show(grown(unknownCa(), 4), true);
  props.report = unknownCa();
  props.busy = false;
  await settled();
  expect(document.activeElement).toBe(field);
  field.remove();
  props.busy = true;
  flushSync();
  props.busy = false;
  await settled();
  expect(document.activeElement).toBe(byId('diagnosis-causes'));
});

test('a report is copied with names masked, and without when that is wanted', async () => {
  show(unknownCa());
  click('diagnosis-copy');
  expect(byId('diagnosis-copy-text').textContent).toContain('mqtts://host-1:8883');
  click('diagnosis-mask-hosts');
  expect(byId('diagnosis-copy-text').textContent).toContain('mqtts://gw.plant-a.example:8883');
  click('diagnosis-copy-take');
  await settled();
  expect(engine.clipboard).toBe(byId('diagnosis-copy-text').textContent);
});
