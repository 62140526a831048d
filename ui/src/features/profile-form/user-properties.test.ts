/** The order of User Properties is the person's, and moves by keyboard. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import { Draft } from './draft.svelte';
import PropertiesSection from './PropertiesSection.svelte';
import { move } from './user-properties';

let section: Record<string, unknown> | undefined;
let draft: Draft;

beforeEach(async () => {
  useBackend(new MemoryEngine());
  await app.start();
  draft = new Draft(profileOf('x'), true);
  section = mount(PropertiesSection, { target: document.body, props: { draft } });
  flushSync();
});

afterEach(async () => {
  if (section) await unmount(section);
});

const find = (id: string) => {
  const found = document.querySelector<HTMLElement>(`[data-testid="profile-user-property-${id}"]`);
  if (!found) throw new Error(`there is no ${id}`);
  return found;
};

const settled = () => new Promise((resolve) => setTimeout(resolve));

async function add(name: string, value: string): Promise<void> {
  const index = draft.profile.connect_properties.user_properties.length;
  find('add').click();
  await settled();
  for (const [id, text] of [
    ['name', name],
    ['value', value],
  ] as const) {
    const field = find(`${id}-${index}`) as HTMLInputElement;
    field.value = text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  flushSync();
}

const saved = () =>
  draft.toProfile().connect_properties.user_properties.map(({ name, value }) => `${name}=${value}`);

test('moving stops at both ends', () => {
  const list = ['a', 'b', 'c'];
  expect(move(list, 0, -1)).toBe(0);
  expect(move(list, 0, 1)).toBe(1);
  expect(move(list, 2, 1)).toBe(2);
  expect(list).toEqual(['b', 'a', 'c']);
});

test('keys may repeat, and the order is the one that was typed', async () => {
  await add('k', '1');
  await add('j', '2');
  await add('k', '3');
  expect(saved()).toEqual(['k=1', 'j=2', 'k=3']);
  find('remove-1').click();
  flushSync();
  expect(saved()).toEqual(['k=1', 'k=3']);
});

test('adding puts the focus on the new key', async () => {
  find('add').click();
  await settled();
  expect(document.activeElement).toBe(find('name-0'));
});

test('Alt and an arrow move the row, and the focus goes with it', async () => {
  await add('a', '1');
  await add('b', '2');
  const field = find('value-1');
  field.focus();
  const event = { key: 'ArrowUp', altKey: true, bubbles: true, cancelable: true };
  field.dispatchEvent(new KeyboardEvent('keydown', event));
  await settled();
  flushSync();
  expect(saved()).toEqual(['b=2', 'a=1']);
  expect(document.activeElement).toBe(find('value-0'));
});

test('the buttons move a row too, and end where there is no way on', async () => {
  await add('a', '1');
  await add('b', '2');
  find('down-0').click();
  await settled();
  flushSync();
  expect(saved()).toEqual(['b=2', 'a=1']);
  expect((find('up-0') as HTMLButtonElement).disabled).toBe(true);
  expect((find('down-1') as HTMLButtonElement).disabled).toBe(true);
});
