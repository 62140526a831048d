/** The comparison of two sessions on an engine in memory: kinds, what is said while nothing is shown, the chosen row and what is done with it. */
import { flushSync, mount, unmount } from 'svelte';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';

import { useBackend } from '$src/backend';
import type { SidesRow } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { comparison as payloads } from '$src/state/compare.svelte';
import type { SidesComparison } from '$src/state/sides-comparison.svelte';
import { sidesOf } from '$src/state/sides-comparisons';

import { connackOf, MemoryEngine, profileOf, snapshotOf, userError } from '../../../tests/memory';
import { goneMessage, sidesMessage, sidesRow } from '../../../tests/memory-sides';
import { ROW } from '../../../tests/paged-engine';

import Comparison from './Comparison.svelte';

const HOSTILE = 'a/<img src=x onerror="globalThis.ran = 1">\u202e';
const RIGHT = 1_000;

let engine: MemoryEngine;
let comparison: SidesComparison;
let left: string;
let right: string;
let mounted: object;
let number = 0;
const onshow = vi.fn();

const byId = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
const all = (testid: string) => [
  ...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`),
];
const words = (testid: string) => byId(testid)?.textContent?.trim().replace(/\s+/g, ' ');
const shown = () => all('comparison-row').map((row) => row.dataset['row']);
const copies = () =>
  engine.calls.filter(({ name }) => name === 'message_publish_again').map(({ args }) => args);

const settle = async () => {
  for (let turn = 0; turn < 60; turn += 1) {
    await Promise.resolve();
    flushSync();
  }
};
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function click(testid: string, init: MouseEventInit = {}) {
  byId(testid)?.dispatchEvent(new MouseEvent('click', { bubbles: true, ...init }));
  await settle();
}

async function press(key: string, init: KeyboardEventInit = {}) {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init });
  byId('comparison-list')?.dispatchEvent(event);
  await settle();
}

/** What differs, with messages that can be read: those of the right have numbers of their own. */
function put(...rows: SidesRow[]) {
  engine.sides.rows = rows;
  engine.rows = rows.flatMap(({ topic, left, right }) =>
    [left, right].flatMap((message) => {
      if (!message?.content) return [];
      const { id, time_us, content } = message;
      return [{ ...ROW, id, time_us, ...content, topic }];
    }),
  );
}

/** Counts take their turn while the list is quiet. */
async function changed() {
  engine.sides.changed();
  await pass(120);
  await settle();
}

async function choose(place: number) {
  comparison.choose(place);
  await settle();
}

const onRight = (id: number, preview?: string) =>
  sidesMessage(RIGHT + id, preview === undefined ? {} : { preview, size: preview.length });

// One clock for all tests: what takes turns remembers when it had its last.
beforeAll(() => {
  vi.useFakeTimers();
});

afterAll(() => {
  vi.useRealTimers();
});

beforeEach(async () => {
  number += 1;
  left = `left-${number}`;
  right = `right-${number}`;
  onshow.mockClear();
  engine = new MemoryEngine();
  engine.profiles = [
    profileOf(left, { name: 'plant <i>A</i>' }),
    profileOf(right, { name: 'plant B', version: '3.1.1' }),
  ];
  for (const id of [left, right]) {
    engine.sessions.set(
      id,
      snapshotOf(id, {
        ...{ state: 'connected', since_ms: 0, took_ms: 1, address: '', tls: null },
        connack: connackOf(),
      }),
    );
  }
  useBackend(engine);
  await app.start();
  comparison = sidesOf(left, right).comparison;
  const [first, second] = engine.profiles;
  if (!first || !second) throw new Error('no profiles');
  mounted = mount(Comparison, {
    target: document.body,
    props: { left: first, right: second, onshow },
  });
  await settle();
  comparison.resize(480);
  await settle();
});

afterEach(async () => {
  payloads.close();
  await unmount(mounted);
  document.body.replaceChildren();
});

it('says that nothing has come, and looks further back where it is asked to', async () => {
  expect(byId('comparison-nothing')).not.toBeNull();
  await click('comparison-nothing-all');
  expect([...engine.sides.open.values()]).toMatchObject([
    { pair: { left, right }, options: { since_us: null, filter: { direction: 'received' } } },
  ]);
  expect((byId('comparison-since') as HTMLSelectElement).value).toBe('all');
});

it('says that both sides received the same, and shows it where it is asked to', async () => {
  put(sidesRow(1, 'same'), sidesRow(2, 'same'), sidesRow(3, 'waiting'));
  await changed();
  await pass(300);
  await settle();
  expect(words('comparison-alike')).toContain('the same: 2 messages');
  expect(words('comparison-alike')).toContain('1 more');
  await click('comparison-alike-show');
  expect(shown()).toEqual(['1', '2', '3']);
});

it('shows what is wrong at first, then the kinds that are clicked', async () => {
  put(
    sidesRow(1, 'same'),
    sidesRow(2, 'missing_left'),
    sidesRow(3, 'missing_right'),
    sidesRow(4, 'different'),
    sidesRow(5, 'late'),
  );
  await changed();
  expect(shown()).toEqual(['2', '3', '4', '5']);
  expect(byId('comparison-kind-problems')?.getAttribute('aria-pressed')).toBe('true');
  await click('comparison-kind-late');
  expect(shown()).toEqual(['5']);
  await click('comparison-kind-missing-left', { ctrlKey: true });
  expect(shown()).toEqual(['2', '5']);
  await click('comparison-kind-late', { ctrlKey: true });
  expect(shown()).toEqual(['2']);
  await click('comparison-kind-waiting');
  expect(words('comparison-none')).toContain('5 rows of other kinds');
  await click('comparison-kind-all');
  expect(shown()).toHaveLength(5);
  await pass(300);
  await settle();
  expect(byId('comparison-kind-all')?.dataset['count']).toBe('5');
});

it('shows strangers\u2019 text as text', async () => {
  put(
    sidesRow(1, 'missing_right', { topic: HOSTILE, left: sidesMessage(1, { preview: HOSTILE }) }),
  );
  await changed();
  expect(words('comparison-topic')).toContain('‹U+202E›');
  expect(words('comparison-left')).toContain('‹U+202E›');
  await choose(0);
  expect(words('comparison-detail-topic')).toContain('‹U+202E›');
  await press('F10', { shiftKey: true });
  expect(byId('comparison-menu')).not.toBeNull();
  expect(document.querySelector('img')).toBeNull();
  expect(document.querySelector('i')).toBeNull();
});

it('copies a message to the side where it is missing, by button, menu and key', async () => {
  put(sidesRow(1, 'missing_right'), sidesRow(2, 'missing_left', { right: onRight(2) }));
  await changed();
  await choose(0);
  expect(words('comparison-verdict')).toContain('within 5 s not on plant B');
  expect(byId('comparison-copy-to-left-button')).toBeNull();
  await click('comparison-copy-to-right-button');
  expect(copies().at(-1)).toEqual({ message: { profile: left, id: 1 }, to: right });
  await press('ArrowRight', { ctrlKey: true });
  expect(copies()).toHaveLength(2);
  // There is nothing on the right to be copied.
  await press('ArrowLeft', { ctrlKey: true });
  expect(copies()).toHaveLength(2);
  await choose(1);
  await press('F10', { shiftKey: true });
  await click('comparison-copy-to-left');
  expect(copies().at(-1)).toEqual({ message: { profile: right, id: RIGHT + 2 }, to: left });
});

it('does not copy to a side that is not connected, and says so', async () => {
  engine.set(snapshotOf(right));
  put(sidesRow(1, 'missing_right'));
  await changed();
  await choose(0);
  const button = byId('comparison-copy-to-right-button');
  expect(button?.hasAttribute('disabled')).toBe(true);
  expect(button?.title).toBe('plant B is not connected');
  await press('ArrowRight', { ctrlKey: true });
  expect(copies()).toEqual([]);
});

it('holds payloads that differ against each other, and opens them large', async () => {
  const ours = sidesMessage(1, { preview: '{"t":1,"u":2}', size: 13 });
  put(sidesRow(1, 'different', { left: ours, right: onRight(1, '{"t":1,"u":3}') }));
  await changed();
  await choose(0);
  await settle();
  expect(byId('comparison-payload')?.dataset['way']).toBe('json');
  expect(words('comparison-payload')).toContain('$.u');
  await click('comparison-compare-button');
  await settle();
  expect(byId('compare-side-after')?.dataset['message']).toBe(String(RIGHT + 1));
});

it('says what is no longer stored, and shows what still is', async () => {
  put(sidesRow(1, 'different', { left: goneMessage(1), right: onRight(1, '{"t":2}') }));
  await changed();
  expect(words('comparison-left')).toBe('no longer stored');
  await choose(0);
  await settle();
  expect(words('comparison-fact-qos')).toBe('QoSno longer stored0');
  expect(byId('comparison-fact-qos')?.dataset['differs']).toBe('false');
  expect(words('comparison-payload')).toContain('2');
  expect(byId('comparison-equal')).toBeNull();
  expect(byId('comparison-detail-error')).toBeNull();
  expect(byId('comparison-compare-button')).toBeNull();
  expect(byId('comparison-copy-to-right-button')).toBeNull();
  expect(byId('comparison-copy-to-left-button')).not.toBeNull();
});

it('sees that a history lets go of a message while its row is shown', async () => {
  put(sidesRow(1, 'late', { right: onRight(1) }), sidesRow(2, 'late', { right: onRight(2) }));
  engine.tellHistory(left);
  await changed();
  expect(all('comparison-left').map(({ textContent }) => textContent)).not.toContain(
    'no longer stored',
  );
  engine.sides.rows = engine.sides.rows.map((row) =>
    row.number === 2 ? { ...row, left: goneMessage(2) } : row,
  );
  engine.rows = engine.rows.filter(({ id }) => id !== 2);
  engine.tellHistory(left);
  await pass(120);
  await settle();
  expect(all('comparison-left').map(({ textContent }) => textContent)).toEqual([
    '{"seq":1}',
    'no longer stored',
  ]);
});

it('tells which properties differ, with the payload that both have', async () => {
  put(sidesRow(1, 'different', { difference: 'properties', right: onRight(1, '{"seq":1}') }));
  engine.properties.set(1, [
    { name: 'user_property', value: ['line', '7'] },
    { name: 'message_expiry_interval', value: 60 },
  ]);
  engine.properties.set(RIGHT + 1, [
    { name: 'user_property', value: ['line', '8'] },
    { name: 'message_expiry_interval', value: 59 },
  ]);
  await changed();
  await choose(0);
  await settle();
  expect(byId('comparison-fact-user-property')?.dataset['differs']).toBe('true');
  expect(words('comparison-fact-user-property')).toBe('User Propertyline = 7line = 8');
  expect(byId('comparison-fact-message-expiry-interval')?.dataset['differs']).toBe('false');
  expect(byId('comparison-equal')).not.toBeNull();
});

it('goes to a message in the list of its side, and filters by its topic', async () => {
  put(sidesRow(1, 'late', { right: onRight(1) }));
  await changed();
  await choose(0);
  await press('ArrowRight', { altKey: true });
  expect(onshow).toHaveBeenCalledWith(right, RIGHT + 1);
  await press('F', { ctrlKey: true, shiftKey: true });
  expect([...engine.sides.open.values()]).toMatchObject([
    { options: { filter: { topics: ['t/1'], direction: 'received' } } },
  ]);
  await settle();
  expect((byId('filter-field') as HTMLInputElement).value).toBe('t/1 in');
});

it('puts the chosen row away with Esc, and closes with the pane', async () => {
  put(sidesRow(1, 'late', { right: onRight(1) }));
  await changed();
  await choose(0);
  expect(byId('comparison-detail')).not.toBeNull();
  await press('Escape');
  expect(byId('comparison-detail')).toBeNull();
  await unmount(mounted);
  expect(engine.sides.open.size).toBe(0);
  mounted = mount(Comparison, {
    target: document.body,
    props: { left: profileOf(left), right: profileOf(right) },
  });
  await settle();
  expect(engine.sides.open.size).toBe(1);
});

it('copies what is shown as Markdown', async () => {
  put(sidesRow(1, 'late', { right: onRight(1) }), sidesRow(2, 'same'));
  await changed();
  await click('comparison-copy');
  expect(words('comparison-copy')).toBe('Copied');
  expect(engine.clipboard).toContain('- Filter: `in`');
  expect(engine.clipboard).toContain('`t/1`');
  expect(engine.clipboard).not.toContain('`t/2`');
});

it('says what is not compared, what was let go, how far it is, and what went wrong', async () => {
  engine.sides.progress = {
    ...{ properties: false, let_go: 12, behind: 5_000, compared: 5 },
    fault: userError('history.failed'),
  };
  engine.sides.changed();
  await pass(600);
  await settle();
  expect(words('comparison-without')).toContain('plant B is MQTT 3.1.1');
  expect(words('comparison-let-go')).toContain('12');
  expect(byId('comparison-progress')).not.toBeNull();
  expect(byId('comparison-fault')).not.toBeNull();
  expect(byId('comparison-busy')).not.toBeNull();
});
