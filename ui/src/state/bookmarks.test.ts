/** Bookmarks and their notes: what is asked for when, what the engine refuses, and where next and previous lead. */
import { beforeEach, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { HistoryStats } from '$src/bindings/engine';
import { MemoryFind } from '../../tests/memory-find';

import { Bookmarks } from './bookmarks.svelte';

let engine: MemoryFind;
let bookmarks: Bookmarks;
let calls: string[];

/** A clock on which the next reading is always due. */
let time = 0;
const fastClock = { now: () => (time += 5_000), after: () => () => undefined };
const stats = (first_id: number): HistoryStats => ({
  ...{ messages: 9, bytes_on_disk: 0, first_id, last_id: 99, received: 0, sent: 0 },
  ...{ set_aside: null, recording: true, removed: { messages: 0, bytes: 0, since_us: null } },
});
const settle = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

beforeEach(() => {
  engine = new MemoryFind(
    () => [],
    () => undefined,
  );
  calls = [];
  useBackend({
    call: async (name: keyof MemoryFind['handlers'], args: never) => {
      calls.push(name);
      return (engine.handlers[name] as (given: never) => unknown)(args);
    },
  } as unknown as Backend);
  bookmarks = new Bookmarks('p', fastClock);
});

it('marks and unmarks, and keeps the note while it is marked', async () => {
  await bookmarks.toggle(7);
  expect(bookmarks.of(7)?.note).toBe('');
  await bookmarks.set(7, 'the odd one');
  expect(bookmarks.of(7)?.note).toBe('the odd one');
  expect(bookmarks.changes).toBe(2);
  await bookmarks.toggle(7);
  expect(bookmarks.of(7)).toBeUndefined();
});

it('keeps what was written where the engine refuses it', async () => {
  await bookmarks.set(7, 'short');
  const long = 'x'.repeat(10_001);
  expect(await bookmarks.set(7, long)).toBe(false);
  expect(bookmarks.refused).toMatchObject({ id: 7, note: long, error: { code: 'history.failed' } });
  expect(bookmarks.of(7)?.note).toBe('short');
  expect(await bookmarks.set(7, 'shorter')).toBe(true);
  expect(bookmarks.refused).toBeNull();
});

it('goes from bookmark to bookmark and round at the ends', async () => {
  for (const id of [30, 10, 20]) await bookmarks.set(id, '');
  expect(bookmarks.next(null, 'older')?.id).toBe(30);
  expect(bookmarks.next(30, 'older')?.id).toBe(20);
  expect(bookmarks.next(15, 'newer')?.id).toBe(20);
  expect(bookmarks.next(30, 'newer')?.id).toBe(10);
  expect(bookmarks.next(10, 'older')?.id).toBe(30);
});

it('reads the list again when the oldest messages went, and not with each that comes', async () => {
  await bookmarks.set(10, '');
  calls.length = 0;
  bookmarks.statsChanged(stats(1));
  await settle();
  bookmarks.statsChanged(stats(1));
  bookmarks.statsChanged(stats(1));
  await settle();
  expect(calls).toEqual(['bookmarks_list']);
  engine.bookmarks = [];
  bookmarks.statsChanged(stats(50));
  await settle();
  expect(bookmarks.list).toEqual([]);
});
