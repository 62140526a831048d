/** Where a drag would drop, by the pointer's place among the rows. */
import { expect, test } from 'vitest';

import type { Node } from '$src/bindings/engine';

import { dropAt } from './drag';
import { keyOf, rowsOf, type Key } from './tree';

const profile = (id: string): Node => ({ kind: 'profile', id });
const folder = (id: string, children: Node[] = []): Node => ({
  kind: 'folder',
  id,
  name: id,
  colour: null,
  children,
});

/** Rows: a, f, b, g, c, d. */
const TREE = [profile('a'), folder('f', [profile('b'), folder('g', [profile('c')])]), profile('d')];

function drop(chosen: Key[], y: number, { x = 9, closed = [] as string[] } = {}) {
  const rows = rowsOf(TREE, (id) => !closed.includes(id));
  const found = dropAt(TREE, rows, new Set(chosen), { x, y });
  if (!found) return null;
  const { spot, mark } = found;
  const before = spot.before ? ` before ${keyOf(spot.before)}` : '';
  const line = mark.kind === 'line' ? `line ${mark.row} level ${mark.level}` : `into ${mark.row}`;
  return `${spot.folder ?? 'top'}${before}, ${line}`;
}

test('the halves of a profile mean before and behind it', () => {
  expect(drop(['p:d'], 0.2)).toBe('top before p:a, line 0 level 1');
  expect(drop(['p:d'], 0.8)).toBe('top before f:f, line 1 level 1');
  expect(drop(['p:d'], 2.2)).toBe('f before p:b, line 2 level 2');
});

test('the middle of a folder means into it, its edges beside it', () => {
  expect(drop(['p:a'], 1.5)).toBe('f, into 1');
  expect(drop(['p:d'], 1.1)).toBe('top before f:f, line 1 level 1');
  expect(drop(['p:a'], 1.9, { closed: ['f'] })).toBe('top before p:d, line 2 level 1');
  expect(drop(['p:a'], 1.9)).toBe('f before p:b, line 2 level 2');
});

test('behind the last of a folder, how far left the pointer is tells how far out', () => {
  expect(drop(['p:a'], 4.8, { x: 2.5 })).toBe('g, line 5 level 3');
  expect(drop(['p:a'], 4.8, { x: 1.5 })).toBe('f, line 5 level 2');
  expect(drop(['p:a'], 4.8, { x: 0.2 })).toBe('top before p:d, line 5 level 1');
});

test('a folder does not fall into itself', () => {
  expect(drop(['f:f'], 1.5)).toBeNull();
  expect(drop(['f:f'], 4.2)).toBeNull();
  expect(drop(['f:g'], 1.5)).toBe('f, into 1');
});

test('what is moved is not what the others are put before', () => {
  expect(drop(['p:a'], 0.2)).toBe('top before f:f, line 0 level 1');
  expect(drop(['f:f', 'p:d'], 0.8)).toBe('top, line 1 level 1');
});

test('below all rows is the end of the top', () => {
  expect(drop(['p:b'], 40)).toBe('top, line 6 level 1');
});
