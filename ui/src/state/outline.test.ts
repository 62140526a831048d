/** The list at the left on an engine: folds that stay, search, folders, moving, and one undo for many. */
import { beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Node } from '$src/bindings/engine';

import { MemoryEngine, profileOf } from '../../tests/memory';
import { App } from './app.svelte';

let engine: MemoryEngine;
let app: App;

const endpoint = (host: string) => ({ scheme: 'mqtt' as const, host, port: 1883, path: '/mqtt' });

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = ['a', 'b', 'c'].map((id) =>
    profileOf(id, { name: `Name ${id}`, endpoint: endpoint(`${id}.example`) }),
  );
  engine.tree.nodes = [
    {
      kind: 'folder',
      id: 'f',
      name: 'Plant',
      colour: null,
      children: [{ kind: 'profile', id: 'a' }],
    },
  ];
  useBackend(engine);
  app = new App();
  await app.start();
});

const keys = () => app.outline.rows.map(({ key }) => key);
const tree = (nodes: Node[] = app.profiles.tree): string =>
  nodes
    .map((node) => (node.kind === 'folder' ? `${node.name}(${tree(node.children)})` : node.id))
    .join(' ');

test('a folder that was closed stays closed', async () => {
  expect(keys()).toEqual(['f:f', 'p:a', 'p:b', 'p:c']);
  await app.outline.setOpen('f', false);
  expect(keys()).toEqual(['f:f', 'p:b', 'p:c']);
  const again = new App();
  await again.start();
  expect(again.outline.rows.map(({ key }) => key)).toEqual(['f:f', 'p:b', 'p:c']);
  await app.outline.setOpen('f', true);
  expect(engine.settings.layout).toEqual({});
});

test('a search finds names, hosts and folders, also in closed folders', async () => {
  await app.outline.setOpen('f', false);
  app.outline.search = 'A.EXAMPLE';
  expect(keys()).toEqual(['f:f', 'p:a']);
  app.outline.search = 'plant';
  expect(keys()).toEqual(['f:f', 'p:a']);
  app.outline.search = 'name c';
  expect(keys()).toEqual(['p:c']);
  app.outline.search = 'nowhere';
  expect(keys()).toEqual([]);
});

test('several move together and stay chosen', async () => {
  app.outline.choose('p:b');
  app.outline.extendTo('p:c');
  await app.outline.moveTo({ folder: 'f', before: { kind: 'profile', id: 'a' } });
  expect(tree()).toBe('Plant(b c a)');
  expect([...app.outline.chosen]).toEqual(['p:b', 'p:c']);
  await app.outline.move('out');
  expect(tree()).toBe('Plant(a) b c');
});

test('a new folder stands where the cursor is, and its name is asked for', async () => {
  app.outline.choose('p:a');
  await app.outline.addFolder('New', app.outline.here);
  expect(tree()).toBe('Plant(a New()) b c');
  const { renaming } = app.outline;
  expect(renaming).not.toBeNull();
  await app.outline.rename(renaming ?? '', ' Line 1 ');
  expect(tree()).toBe('Plant(a Line 1()) b c');
  await app.outline.rename('f', '  ');
  expect(tree()).toBe('Plant(a Line 1()) b c');
});

test('a colour goes to each that was chosen itself', async () => {
  app.outline.choose('f:f');
  app.outline.toggle('p:b');
  await app.outline.paint('teal');
  expect(app.profiles.tree[0]).toMatchObject({ colour: 'teal' });
  expect(engine.profiles.map(({ id, colour }) => `${id} ${colour}`).sort()).toEqual([
    'a null',
    'b teal',
    'c null',
  ]);
});

test('what was deleted together comes back together', async () => {
  app.outline.chooseAll();
  expect(app.outline.chosenProfiles).toEqual(['a', 'b', 'c']);
  await app.remove(app.outline.chosenProfiles);
  expect(app.profiles.list).toEqual([]);
  expect(tree()).toBe('Plant()');
  await app.restore();
  expect(app.profiles.list).toHaveLength(3);
});

test('ten thousand profiles are laid out in no time', async () => {
  engine.profiles = Array.from({ length: 10_000 }, (_, index) =>
    profileOf(`p${index}`, { name: `n${index}` }),
  );
  engine.tree.nodes = [];
  await app.profiles.load();
  const started = performance.now();
  expect(app.outline.rows).toHaveLength(10_000);
  app.outline.chooseAll();
  expect(app.outline.chosenProfiles).toHaveLength(10_000);
  app.outline.search = 'n9999';
  expect(app.outline.rows).toHaveLength(1);
  expect(performance.now() - started).toBeLessThan(1_000);
});
