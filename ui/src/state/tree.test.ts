/** The tree of folders and profiles: its rows, what is found in it, and where things are put. */
import { expect, test } from 'vitest';

import type { Node } from '$src/bindings/engine';

import {
  foldersOf,
  isWithin,
  keyOf,
  matching,
  parentOf,
  profilesIn,
  rowsOf,
  stepped,
  topmost,
  type Direction,
  type Key,
} from './tree';

/** `a f(b g(c))`: letters are profiles, letters with brackets folders. */
function tree(text: string): Node[] {
  const letters = [...text.replaceAll(' ', '')];
  const read = (): Node[] => {
    const nodes: Node[] = [];
    for (let id = letters.shift(); id !== undefined && id !== ')'; id = letters.shift()) {
      if (letters[0] !== '(') {
        nodes.push({ kind: 'profile', id });
        continue;
      }
      letters.shift();
      nodes.push({ kind: 'folder', id, name: id, colour: null, children: read() });
    }
    return nodes;
  };
  return read();
}

const shown = (nodes: Node[]): string =>
  nodes
    .map((node) => (node.kind === 'folder' ? `${node.id}(${shown(node.children)})` : node.id))
    .join(' ');

const set = (...keys: Key[]) => new Set<Key>(keys);

test('a closed folder keeps what lies in it to itself', () => {
  const nodes = tree('a f(b g(c)) d');
  const all = rowsOf(nodes, () => true);
  expect(all.map(({ key, level }) => `${key} ${level}`)).toEqual([
    'p:a 1',
    'f:f 1',
    'p:b 2',
    'f:g 2',
    'p:c 3',
    'p:d 1',
  ]);
  expect(all.map(({ place, siblings }) => `${place}/${siblings}`)).toEqual([
    '1/3',
    '2/3',
    '1/2',
    '2/2',
    '1/1',
    '3/3',
  ]);
  const keys = rowsOf(nodes, (id) => id !== 'f').map(({ key }) => key);
  expect(keys).toEqual(['p:a', 'f:f', 'p:d']);
});

test('what is found stands in its folders, and a folder that is found is whole', () => {
  const nodes = tree('a f(b g(c)) h(d)');
  const found = (...ids: string[]) => shown(matching(nodes, (node) => ids.includes(node.id)));
  expect(found('c')).toBe('f(g(c))');
  expect(found('f')).toBe('f(b g(c))');
  expect(found('a', 'd')).toBe('a h(d)');
  expect(found('x')).toBe('');
});

test('what lies in a chosen folder is chosen once', () => {
  const nodes = tree('a f(b g(c)) d');
  const chosen = topmost(nodes, set('p:d', 'p:c', 'f:f'));
  expect(chosen.map(keyOf)).toEqual(['f:f', 'p:d']);
  expect(profilesIn(chosen)).toEqual(['b', 'c', 'd']);
});

test('folders know where they lie', () => {
  const nodes = tree('a f(b g(c))');
  expect(foldersOf(nodes).map(({ id, level }) => `${id} ${level}`)).toEqual(['f 1', 'g 2']);
  expect(parentOf(nodes, 'p:c')).toBe('g');
  expect(parentOf(nodes, 'p:a')).toBeNull();
  const moved = topmost(nodes, set('f:f'));
  expect([isWithin(moved, 'g'), isWithin(moved, 'f'), isWithin(moved, null)]).toEqual([
    true,
    true,
    false,
  ]);
});

const steps: [string, Key[], Direction, string | null, Key | null][] = [
  ['a b c', ['p:b'], 'up', null, 'p:a'],
  ['a b c', ['p:b'], 'down', null, null],
  ['a b c d', ['p:b'], 'down', null, 'p:d'],
  ['a b c d', ['p:b', 'p:c'], 'up', null, 'p:a'],
  ['a b c d e', ['p:b', 'p:c'], 'down', null, 'p:e'],
  ['f() a', ['p:a'], 'in', 'f', null],
  ['f(a b) c', ['p:b'], 'out', null, 'p:c'],
  ['f(g(a)) c', ['p:a'], 'out', 'f', null],
  ['f(a) c', ['p:a', 'p:c'], 'out', null, null],
];

test.each(steps)('in %s, %s goes one step %s', (text, chosen, direction, folder, before) => {
  const spot = stepped(tree(text), set(...chosen), direction);
  expect(spot && { folder: spot.folder, before: spot.before && keyOf(spot.before) }).toEqual({
    folder,
    before,
  });
});

test.each([
  ['a b', ['p:a'], 'up'],
  ['a b', ['p:b'], 'down'],
  ['a b', ['p:a'], 'out'],
  ['a b', ['p:b'], 'in'],
  ['a b', [], 'up'],
] as [string, Key[], Direction][])('in %s, %s has no step %s', (text, chosen, direction) => {
  expect(stepped(tree(text), set(...chosen), direction)).toBeNull();
});
