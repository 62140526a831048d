/** What clicks and keys choose. */
import { expect, test } from 'vitest';

import * as selection from './selection';
import type { Key } from './tree';

const KEYS: Key[] = ['p:a', 'p:b', 'p:c', 'p:d'];
const chosen = (from: selection.Selection) => [...from.chosen].join(' ');

test('a range goes from the anchor both ways', () => {
  const from = selection.only('p:b');
  const down = selection.extended(from, 'p:d', KEYS);
  expect(chosen(down)).toBe('p:b p:c p:d');
  expect(chosen(selection.extended(down, 'p:a', KEYS))).toBe('p:a p:b');
});

test('an anchor that is not shown any more begins anew', () => {
  expect(chosen(selection.extended(selection.only('p:x'), 'p:c', KEYS))).toBe('p:c');
});

test('one more and one less', () => {
  const two = selection.toggled(selection.only('p:a'), 'p:c');
  expect(chosen(two)).toBe('p:a p:c');
  expect(chosen(selection.toggled(two, 'p:a'))).toBe('p:c');
});

test('the cursor stays within the rows', () => {
  const from = selection.only('p:b');
  const to = [1, -1, 9, -9, Infinity, -Infinity].map((by) => selection.near(from, KEYS, by));
  expect(to).toEqual(['p:c', 'p:a', 'p:d', 'p:a', 'p:d', 'p:a']);
  expect(selection.near(selection.NOTHING, KEYS, 1)).toBe('p:a');
  expect(selection.near(selection.NOTHING, KEYS, -1)).toBe('p:d');
  expect(selection.near(selection.NOTHING, [], 1)).toBeNull();
});

test('what is gone is not chosen any more', () => {
  const all = selection.all(selection.only('p:b'), KEYS);
  const left = selection.kept(all, new Set<Key>(['p:a', 'p:c']));
  expect([chosen(left), left.cursor]).toEqual(['p:a p:c', null]);
  expect(selection.kept(all, new Set(KEYS))).toBe(all);
});
