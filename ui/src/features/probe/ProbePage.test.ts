/** The page of a probe: consent, the table while it fills in, cancel, kept tables, comparison, Markdown, delete. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useBackend } from '$src/backend';
import { byId, click, has, settled, textOf } from '$src/features/diagnosis/testing';
import { app } from '$src/state/app.svelte';
import { CAPABILITIES } from '$src/state/probes.svelte';

import { MemoryEngine, profileOf, userError } from '../../../tests/memory';
import { limitedReport, probeReport } from '../../../tests/preview-probe';
import ProbePage from './ProbePage.svelte';

let engine: MemoryEngine;
let page: Record<string, unknown>;
let next = 0;

/** Each test has a profile of its own: what was set up outlives the page. */
async function open(reports: (id: string) => ReturnType<typeof probeReport>[] = () => []) {
  const id = `probed${next++}`;
  const profile = profileOf(id, { name: 'plant' });
  engine.profiles = [profile];
  engine.probes.reports = reports(id);
  await app.start();
  page = mount(ProbePage, { target: document.body, props: { profile } });
  await settled();
  return id;
}

const asked = (name: string) => engine.calls.filter((call) => call.name === name).at(-1)?.args;
const verdict = (row: string) => byId(`probe-row-${row}`).dataset['verdict'];
const isOff = (testid: string) => (byId(testid) as HTMLButtonElement).disabled;

function type(testid: string, text: string): void {
  const field = byId(testid) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

beforeEach(() => {
  engine = new MemoryEngine();
  useBackend(engine);
});

afterEach(() => unmount(page));

test('it says what it does before it begins, and begins with what was allowed', async () => {
  const id = await open();
  expect(textOf('probe-consent')).toContain('makes connections of its own');
  expect(textOf('probe-consent')).toContain('publishes');
  expect(has('probe-kept-empty')).toBe(true);
  expect(engine.calls.map(({ name }) => name)).not.toContain('probe_start');
  click('probe-none');
  expect(isOff('probe-start')).toBe(true);
  expect(has('probe-none-chosen')).toBe(true);
  click('probe-all');
  click('probe-try-will-delay');
  type('probe-prefix', 'a/#');
  expect(isOff('probe-start')).toBe(true);
  expect(has('probe-prefix-problem')).toBe(true);
  type('probe-prefix', 'lab/probe');
  click('probe-start');
  await settled();
  expect(asked('probe_start')).toEqual({
    profile: id,
    options: {
      prefix: 'lab/probe',
      capabilities: CAPABILITIES.filter((each) => each !== 'will_delay'),
      largest_packet: 1_048_576,
    },
  });
});

test('it fills in row by row, and can be cancelled', async () => {
  const id = await open();
  click('probe-start');
  await settled();
  expect(verdict('mqtt31')).toBe('trying');
  expect(verdict('session-expiry')).toBe('waiting');
  const [report] = engine.probes.reports;
  if (!report) throw new Error('nothing was begun');
  expect(report.profile).toBe(id);
  const rows = probeReport().rows.slice(0, 4);
  engine.probes.change({ ...report, rows, trying: 'retained' });
  await vi.waitFor(() => expect(verdict('maximum-qos')).toBe('yes'));
  expect(verdict('retained')).toBe('trying');
  expect(textOf('probe-status')).toBe('4 of 16: Retained messages');
  click('probe-cancel');
  await settled();
  expect(asked('probe_cancel')).toEqual({ probe: report.id });
  expect(textOf('probe-status')).toContain('Cancelled');
  expect(has('probe-start')).toBe(true);
});

test('what happened unfolds, and what was left behind is told', async () => {
  await open((profile) => [
    limitedReport({
      profile,
      left_behind: ['p/retained'],
      left_sessions: ['plant01'],
      error: userError('mqtt.not_authorised', 'The broker refused three connections in a row.'),
    }),
  ]);
  expect(textOf('probe-row-packet-size')).toContain('20,000 B');
  expect(textOf('probe-row-retained')).toContain('no');
  click('probe-evidence-retained');
  expect(textOf('probe-table')).toContain('Retain Available 0');
  expect(textOf('probe-left')).toContain('p/retained');
  expect(textOf('probe-left')).toContain('plant01');
  expect(has('probe-error')).toBe(true);
});

test('kept tables are compared side by side, copied and deleted', async () => {
  await open((profile) => [limitedReport(), probeReport({ profile })]);
  const boxes = document.querySelectorAll<HTMLElement>('[data-testid=probe-compare]');
  for (const box of boxes) box.click();
  flushSync();
  expect(byId('probe-compare-maximum-qos').dataset['differs']).toBe('true');
  expect(byId('probe-compare-wildcards').dataset['differs']).toBe('false');
  // How many of the messages each member got, and what could not be found out, are no differences.
  expect(byId('probe-compare-shared').dataset['differs']).toBe('false');
  expect(byId('probe-compare-will-delay').dataset['differs']).toBe('false');
  expect(textOf('probe-difference-count')).toBe('6 of 16 differ');
  click('probe-differences');
  expect(has('probe-compare-wildcards')).toBe(false);
  click('probe-copy');
  click('probe-copy-take');
  await settled();
  expect(engine.clipboard).toContain('| Maximum QoS |');
  expect(engine.clipboard).toContain('differs');
  click('probe-copy-close');
  click('probe-comparison-end');
  expect(has('probe-table')).toBe(true);
  click('probe-delete');
  click('probe-delete-dialog-confirm');
  await settled();
  expect(document.querySelectorAll('[data-testid=probe-kept-item]')).toHaveLength(1);
});

test("a stranger's text stays in its cell of the Markdown", async () => {
  const rows = probeReport().rows.map((row) =>
    row.capability === 'retained' ? { ...row, evidence: 'a | b\n# <b>c</b> @all' } : row,
  );
  await open((profile) => [probeReport({ profile, rows, name: 'x|y' })]);
  click('probe-copy');
  click('probe-copy-take');
  await settled();
  const line = engine.clipboard.split('\n').find((each) => each.startsWith('| Retained'));
  expect(line).toContain('a \\| b');
  expect(line).not.toContain('<b>');
  expect(line).not.toContain('@all');
});

test('the copy masks host names and client identifiers, unless asked otherwise', async () => {
  const rows = probeReport().rows.map((row) =>
    row.capability === 'retained' ? { ...row, evidence: 'plant01 at broker.plant.example' } : row,
  );
  const report = { rows, address: '198.51.100.7:8883', left_sessions: ['plant01'] };
  await open((profile) => [probeReport({ profile, ...report })]);
  click('probe-copy');
  expect(textOf('probe-copy-text')).toContain('host-1:8883');
  expect(textOf('probe-copy-text')).not.toMatch(/198\.51|plant01|plant\.example/);
  click('probe-mask-hosts');
  click('probe-mask-users');
  click('probe-copy-take');
  await settled();
  expect(engine.clipboard).toContain('198.51.100.7:8883');
  expect(engine.clipboard).toContain('plant01 at broker.plant.example');
});

test('behind a table of earlier, what is tried is shown before it is tried again', async () => {
  const { options } = probeReport();
  await open((profile) => [
    probeReport({
      profile,
      options: { ...options, prefix: 'lab/probe', capabilities: ['mqtt50'], largest_packet: 5_000 },
    }),
  ]);
  expect(has('probe-consent')).toBe(false);
  click('probe-start');
  await settled();
  expect(engine.calls.map(({ name }) => name)).not.toContain('probe_start');
  expect(has('probe-consent')).toBe(true);
  click('probe-start');
  await settled();
  expect(asked('probe_start')).toMatchObject({
    options: { prefix: 'lab/probe', capabilities: ['mqtt50'], largest_packet: 5_000 },
  });
});

test('a table that cannot be had is said', async () => {
  const answer = engine.call.bind(engine);
  engine.call = ((name, args) =>
    name === 'probes_list'
      ? Promise.reject(new Error('no'))
      : answer(name, args)) as typeof engine.call;
  await open();
  expect(has('probe-list-error')).toBe(true);
});
