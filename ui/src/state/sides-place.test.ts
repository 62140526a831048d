/** Two sessions side by side: which they are, who has the keys, where one comes back to, and one filter for both. */
import { flushSync } from 'svelte';
import { beforeEach, expect, it, vi } from 'vitest';

import type { ViewFilter } from '$src/bindings/engine';

import type { Place } from './app.svelte';
import { OneFilter } from './sides-place-filter';
import { Sides } from './sides-place.svelte';
import { NO_CONDITIONS } from './viewing.svelte';

let place: Place;
let ids: string[];
let sides: Sides;

beforeEach(() => {
  place = { at: 'profile', id: 'a' };
  ids = ['a', 'b', 'c'];
  sides = new Sides({
    get place() {
      return place;
    },
    go: (to) => (place = to),
    goHome: () => (place = { at: 'welcome' }),
    profiles: {
      get list() {
        return ids.map((id) => ({ id }));
      },
    },
  });
});

it('asks for the other side, takes it, and goes back to where it was opened from', () => {
  sides.open('a');
  expect(place).toEqual({ at: 'sides', left: 'a', right: null });
  expect(sides.focus).toBe('right');
  expect(sides.shown).toEqual(['a']);
  sides.put('right', 'b');
  expect(place).toEqual({ at: 'sides', left: 'a', right: 'b' });
  sides.close();
  expect(place).toEqual({ at: 'profile', id: 'a' });
});

it('never shows one profile twice', () => {
  sides.open('a', 'a');
  expect(sides.place?.right).toBeNull();
  sides.put('right', 'b');
  sides.put('right', 'a');
  expect(place).toEqual({ at: 'sides', left: 'b', right: 'a' });
  sides.put('left', 'c');
  expect(place).toEqual({ at: 'sides', left: 'c', right: 'a' });
});

it('swaps, and the keys stay with their profile', () => {
  sides.open('a', 'b');
  sides.focus = 'right';
  expect([sides.focused, sides.hasKeys('b'), sides.hasKeys('a')]).toEqual(['b', true, false]);
  sides.swap();
  expect(place).toEqual({ at: 'sides', left: 'b', right: 'a' });
  expect(sides.focused).toBe('b');
  expect([sides.beside('a'), sides.beside('b'), sides.beside('c')]).toEqual(['b', 'a', null]);
});

it('remembers the pair, also from the other of both, but not a profile that is gone', () => {
  sides.open('a', 'c');
  sides.close();
  expect(sides.reopen('c')).toBe(true);
  expect(place).toEqual({ at: 'sides', left: 'a', right: 'c' });
  sides.close();
  sides.open('c');
  expect(place).toEqual({ at: 'sides', left: 'c', right: 'a' });
  sides.close();
  ids = ['b', 'c'];
  sides.reopen('c');
  // The only other one there is.
  expect(place).toEqual({ at: 'sides', left: 'c', right: 'b' });
});

it('shows what is left when profiles are deleted', () => {
  sides.open('a', 'b');
  sides.without(['c']);
  expect(place).toEqual({ at: 'sides', left: 'a', right: 'b' });
  sides.without(['a']);
  expect(place).toEqual({ at: 'profile', id: 'b' });
  sides.open('a', 'b');
  sides.without(['a', 'b']);
  expect(place).toEqual({ at: 'welcome' });
});

it('does not go back to a profile that was deleted meanwhile', () => {
  sides.open('b', 'c');
  ids = ['b', 'c'];
  sides.close();
  expect(place).toEqual({ at: 'welcome' });
});

it('outside of the place everyone has the keys', () => {
  expect(sides.hasKeys('a')).toBe(true);
  expect(sides.beside('a')).toBeNull();
  expect(sides.shown).toEqual([]);
});

class Shown {
  filter: ViewFilter | null = null;
  show = vi.fn((filter: ViewFilter | null) => {
    this.filter = filter;
    return Promise.resolve();
  });
}

const on = (...topics: string[]): ViewFilter => ({ ...NO_CONDITIONS, topics });

it('gives what one side is filtered by to the other one, whoever changed it', () => {
  const [left, right] = [new Shown(), new Shown()];
  right.filter = on('plant/#');
  const one = new OneFilter(left, right);
  flushSync();
  expect(left.filter).toEqual(on('plant/#'));
  left.filter = on('lab/#');
  one.follow();
  expect(right.filter).toEqual(on('lab/#'));
  one.follow();
  right.filter = null;
  one.follow();
  expect(left.filter).toBeNull();
  one.follow();
  expect(left.show.mock.calls.length + right.show.mock.calls.length).toBe(3);
});
