import { flushSync } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { rowsChanged } from '$src/lib/quiet';

import { Paced } from './paced.svelte';

const ends: (() => void)[] = [];

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  for (const end of ends.splice(0)) end();
  vi.useRealTimers();
});

/** A number that changes, and what is shown of it. */
function counter() {
  let count = $state(0);
  let shown: Paced<number> | undefined;
  ends.push(
    $effect.root(() => {
      shown = new Paced(() => count);
    }),
  );
  flushSync();
  return {
    set(value: number) {
      count = value;
      flushSync();
    },
    get shown() {
      return shown?.value;
    },
  };
}

test('of many changes the last one is shown, four times a second', () => {
  const counted = counter();
  vi.advanceTimersByTime(300);
  let changes = 0;
  let before = counted.shown;
  for (let value = 1; value <= 100; value += 1) {
    counted.set(value);
    vi.advanceTimersByTime(10);
    if (counted.shown !== before) changes += 1;
    before = counted.shown;
  }
  expect(changes).toBeGreaterThanOrEqual(3);
  expect(changes).toBeLessThanOrEqual(5);
  vi.advanceTimersByTime(300);
  expect(counted.shown).toBe(100);
});

test('a change waits until the rows that changed before it are painted', () => {
  const counted = counter();
  vi.advanceTimersByTime(300);
  counted.set(1);
  vi.advanceTimersByTime(15);
  rowsChanged();
  vi.advanceTimersByTime(15);
  expect(counted.shown).toBe(0);
  vi.advanceTimersByTime(15);
  expect(counted.shown).toBe(1);
});

test('two of them never change at the same moment', () => {
  const [one, other] = [counter(), counter()];
  vi.advanceTimersByTime(300);
  one.set(1);
  other.set(1);
  let apart = false;
  for (let ms = 0; ms < 100; ms += 1) {
    vi.advanceTimersByTime(1);
    if (one.shown !== other.shown) apart = true;
  }
  expect(apart).toBe(true);
  expect([one.shown, other.shown]).toEqual([1, 1]);
});

test('what is shown no more asks for no turn', () => {
  const counted = counter();
  vi.advanceTimersByTime(300);
  counted.set(1);
  for (const end of ends.splice(0)) end();
  vi.advanceTimersByTime(1_000);
  expect(counted.shown).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
});
