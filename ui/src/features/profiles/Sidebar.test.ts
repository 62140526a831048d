/** The sidebar in a document: what clicks, the menu and the keys ask of the engine. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import Sidebar from './Sidebar.svelte';

let engine: MemoryEngine;
let sidebar: Record<string, unknown>;

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = ['a', 'b', 'c'].map((id) => profileOf(id, { name: id }));
  engine.tree.nodes = [
    { kind: 'folder', id: 'f', name: 'F', colour: null, children: [{ kind: 'profile', id: 'a' }] },
  ];
  useBackend(engine);
  await app.start();
  sidebar = mount(Sidebar, { target: document.body });
  flushSync();
});

afterEach(() => unmount(sidebar));

function find(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

const row = (key: string) => find(`[data-key="${key}"]`);
const click = (element: HTMLElement, init: MouseEventInit = {}) => {
  element.dispatchEvent(new MouseEvent('click', { bubbles: true, ...init }));
  flushSync();
};
const press = (key: string, init: KeyboardEventInit = {}) => {
  find('[role=tree]').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...init }));
  flushSync();
};
const menuOf = (key: string) => {
  row(key).dispatchEvent(new MouseEvent('contextmenu', { bubbles: true }));
  flushSync();
};
const asked = (name: string) => engine.calls.filter((call) => call.name === name).at(-1)?.args;

test('rows say where they stand', () => {
  expect(row('f:f').getAttribute('aria-expanded')).toBe('true');
  expect(row('p:a').getAttribute('aria-level')).toBe('2');
  expect(row('p:b').dataset['profile']).toBe('b');
});

test('a colour of the menu reaches the profile', () => {
  menuOf('p:b');
  click(find('[data-testid=profile-colour-teal]'));
  expect(asked('profiles_colour')).toEqual({ ids: ['b'], colour: 'teal' });
  expect(document.querySelector('[role=menu]')).toBeNull();
});

test('a click shows a profile, with Ctrl it chooses one more, and both are deleted together', () => {
  click(row('p:b'));
  expect(app.place).toEqual({ at: 'profile', id: 'b' });
  click(row('p:c'), { ctrlKey: true });
  expect(app.place).toEqual({ at: 'profile', id: 'b' });
  press('Delete');
  expect(asked('profiles_delete')).toEqual({ ids: ['b', 'c'] });
});

test('Alt and an arrow move what is chosen', () => {
  click(row('p:b'));
  press('ArrowRight', { altKey: true });
  expect(asked('nodes_move')).toEqual({
    nodes: [{ kind: 'profile', id: 'b' }],
    folder: 'f',
    before: null,
  });
});

test('only the rows on screen are in the document', async () => {
  engine.profiles = Array.from({ length: 10_000 }, (_, at) => profileOf(`p${at}`));
  await app.profiles.load();
  flushSync();
  expect(document.querySelectorAll('[role=treeitem]').length).toBeLessThan(60);
});
