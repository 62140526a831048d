/** A comparison of two sessions on an engine in memory: when it is open, which rows are asked for, and what becomes of the chosen one. */
import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { Commands, SidesKind } from '$src/bindings/engine';
import type { Clock } from '$src/lib/pull';

import { userError } from '../../tests/errors';
import { MemorySides, sidesMessage, sidesRow } from '../../tests/memory-sides';
import { settle } from '../../tests/paged-engine';

import { ROW_HEIGHT } from './listing.svelte';
import { reloadSides, sidesChanged } from './sides-comparison-events';
import {
  KINDS,
  patienceWith,
  RECEIVED,
  sidesOptions,
  turnedKinds,
  USUAL,
} from './sides-comparison-options';
import { SidesComparison } from './sides-comparison.svelte';
import { NO_CONDITIONS } from './viewing.svelte';

const HOUR = 3_600_000_000;

/** Every look at it is a second later, so that no pull waits. */
let seconds = 0;
const hurried: Clock = {
  now: () => (seconds += 1_000),
  after: (_ms, run) => {
    queueMicrotask(run);
    return () => undefined;
  },
};

let sides: MemorySides;
let calls: { name: string; args: never }[];
let now: number;
let comparison: SidesComparison;
let leave: () => void;

const asked = () => [...sides.open.values()].map(({ options }) => options);
const numbers = () => comparison.rows.map((row) => row?.number);
const pages = () =>
  calls.filter(({ name }) => name === 'sides_page').map(({ args }) => args) as unknown as {
    kinds: SidesKind[];
    from: unknown;
  }[];

async function changed() {
  sides.changed();
  await settle();
}

beforeEach(async () => {
  calls = [];
  now = 10 * HOUR;
  sides = new MemorySides((events) => {
    for (const event of events) if (event.event === 'sides') sidesChanged(event);
  });
  useBackend({
    call: async (name: keyof Commands, args: never) => {
      calls.push({ name, args });
      await Promise.resolve();
      return (sides.handlers as Record<string, (args: never) => unknown>)[name]?.(args);
    },
  } as unknown as Backend);
  comparison = new SidesComparison({ left: 'a', right: 'b' }, hurried, () => now);
  comparison.resize(4 * ROW_HEIGHT);
  leave = comparison.watch();
  await settle();
});

afterEach(async () => {
  leave();
  await settle();
});

it('compares what was received in the last hour, and shows what is wrong', async () => {
  expect(asked()).toEqual([
    { filter: RECEIVED, since_us: 9 * HOUR, late_ms: 1_000, wait_ms: 5_000 },
  ]);
  expect([...sides.open.values()][0]?.pair).toEqual({ left: 'a', right: 'b' });
  sides.rows = [sidesRow(1, 'same'), sidesRow(2, 'missing_right'), sidesRow(3, 'late')];
  await changed();
  expect(numbers()).toEqual([2, 3]);
  expect(comparison.progress.counts).toMatchObject({ same: 1, missing_right: 1, late: 1 });
  expect(pages().at(-1)?.kinds).toEqual(['missing_left', 'missing_right', 'different', 'late']);
});

it('is open only while a pane shows it', async () => {
  leave();
  await settle();
  expect(sides.open.size).toBe(0);
  sides.rows = [sidesRow(1, 'late')];
  await changed();
  expect(numbers()).toEqual([]);
  leave = comparison.watch();
  await settle();
  expect(sides.open.size).toBe(1);
  expect(numbers()).toEqual([1]);
});

it('leaves nothing open where a pane goes before the engine has answered', async () => {
  leave();
  await settle();
  comparison.watch()();
  await settle();
  expect(sides.open.size).toBe(0);
});

it('closes and opens anew with every option that changes', async () => {
  await comparison.wait({ since: 'all' });
  expect(asked()).toMatchObject([{ since_us: null, late_ms: 1_000 }]);
  await comparison.wait({ late_ms: 60_000 });
  expect(asked()).toMatchObject([{ since_us: null, late_ms: 60_000, wait_ms: 60_000 }]);
  await comparison.show({ ...NO_CONDITIONS, topics: ['a/#'] });
  expect(asked()).toMatchObject([{ filter: { topics: ['a/#'], direction: null } }]);
  await comparison.show(null);
  expect(asked()).toMatchObject([{ filter: NO_CONDITIONS }]);
});

it('keeps what "from now on" meant when it was chosen', async () => {
  await comparison.wait({ since: 'now' });
  now += HOUR;
  await comparison.wait({ late_ms: 100 });
  expect(asked()).toMatchObject([{ since_us: 10 * HOUR }]);
  await comparison.wait({ since: 'now' });
  expect(asked()).toMatchObject([{ since_us: 11 * HOUR }]);
});

it('keeps what is compared where the engine refuses a filter', async () => {
  sides.rows = [sidesRow(1, 'late')];
  await changed();
  sides.refusal = userError('filter.invalid');
  await comparison.show({ ...NO_CONDITIONS, topics: ['x'] });
  expect(comparison.refused?.code).toBe('filter.invalid');
  expect(comparison.filter).toBe(RECEIVED);
  expect(asked()).toMatchObject([{ filter: RECEIVED }]);
  expect(numbers()).toEqual([1]);
});

it('throws away the rows of before: another comparison gives the same numbers', async () => {
  sides.rows = Array.from({ length: 20 }, (_, at) => sidesRow(at + 1, 'late'));
  await changed();
  comparison.choose(3);
  await settle();
  expect(comparison.chosen?.number).toBe(4);
  sides.rows = [sidesRow(4, 'missing_left', { topic: 'other' })];
  await comparison.wait({ since: 'all' });
  await settle();
  expect(comparison.chosen).toBeNull();
  expect(comparison.rows.map((row) => row?.topic)).toEqual(['other']);
  expect(comparison.position.follow).toBe(true);
});

it('asks from the row that the eye is on, by its time', async () => {
  sides.rows = Array.from({ length: 300 }, (_, at) => sidesRow(at + 1, 'late'));
  await changed();
  expect(numbers()).toEqual([297, 298, 299, 300]);
  comparison.moveTo(100 * ROW_HEIGHT);
  await settle();
  expect(numbers().slice(0, 2)).toEqual([101, 102]);
  // A verdict above: what is looked at stays.
  sides.rows.push(sidesRow(900, 'missing_left', { time_us: 5_500 }));
  await changed();
  expect(numbers().slice(0, 2)).toEqual([101, 102]);
  expect(pages().at(-1)?.from).toMatchObject({ kind: 'row', time_us: 101_000, number: 101 });
  expect(comparison.position.newBelow).toBe(0);
});

it('shows other kinds around the chosen row', async () => {
  sides.rows = Array.from({ length: 200 }, (_, at) => sidesRow(at + 1, at % 2 ? 'late' : 'same'));
  await changed();
  comparison.choose(50);
  await settle();
  expect(comparison.chosen?.number).toBe(102);
  comparison.showKinds(KINDS);
  await settle();
  expect(comparison.position.total).toBe(200);
  expect(numbers()).toContain(102);
  expect(comparison.chosen?.number).toBe(102);
});

it('tells what became of a chosen row that waited', async () => {
  comparison.showKinds(['waiting']);
  sides.rows = [sidesRow(1, 'waiting'), sidesRow(2, 'waiting')];
  await changed();
  comparison.choose(0);
  await settle();
  expect(comparison.chosen?.kind).toBe('waiting');
  sides.rows = [sidesRow(1, 'same'), sidesRow(2, 'waiting')];
  await changed();
  expect(numbers()).toEqual([2]);
  expect(comparison.chosen?.kind).toBe('same');
  // It became part of another row.
  comparison.choose(0);
  await settle();
  sides.rows = [sidesRow(1, 'different', { right: sidesMessage(2) })];
  await changed();
  expect(comparison.selected).toBeNull();
});

it('asks how far it is after a gap in the events, and opens anew where the engine forgot it', async () => {
  sides.rows = [sidesRow(1, 'late')];
  reloadSides();
  await settle();
  expect(comparison.progress.counts.late).toBe(1);
  sides.open.clear();
  reloadSides();
  await settle();
  expect(sides.open.size).toBe(1);
  expect(numbers()).toEqual([1]);
  sides.open.clear();
  comparison.resume();
  await settle();
  expect(sides.open.size).toBe(1);
  expect(numbers()).toEqual([1]);
});

it('says why it cannot compare, until it can', async () => {
  sides.refusal = userError('history.failed');
  await comparison.again();
  expect(comparison.error).not.toBeNull();
  sides.refusal = null;
  await comparison.again();
  await settle();
  flushSync();
  expect(comparison.error).toBeNull();
});

it('calls kinds by the other side where the sides change', () => {
  expect(turnedKinds(['missing_left', 'late'])).toEqual(['missing_right', 'late']);
});

it('keeps late before missing', () => {
  expect(patienceWith(USUAL, { late_ms: 60_000 })).toMatchObject({ wait_ms: 60_000 });
  expect(patienceWith({ ...USUAL, late_ms: 5_000 }, { wait_ms: 1_000 })).toMatchObject({
    late_ms: 1_000,
    wait_ms: 1_000,
  });
  expect(sidesOptions(null, { ...USUAL, since: 'quarter' }, HOUR)).toMatchObject({
    since_us: 45 * 60_000_000,
  });
});
