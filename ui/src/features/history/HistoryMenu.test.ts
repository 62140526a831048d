/** The menu of a history offers what makes sense as things stand. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useBackend } from '$src/backend';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import HistoryMenu from './HistoryMenu.svelte';

let profiles = 0;
let engine: MemoryEngine;
let menu: Record<string, unknown>;

// Histories outlive an engine in memory, so that each test has a profile of its own.
beforeEach(async () => {
  profiles += 1;
  engine = new MemoryEngine();
  const profile = profileOf(`m${profiles}`, { name: 'plant-a' });
  engine.profiles = [profile];
  useBackend(engine);
  await app.start();
  menu = mount(HistoryMenu, { target: document.body, props: { profile } });
  flushSync();
});

afterEach(() => unmount(menu));

const find = (testid: string) =>
  document.querySelector<HTMLButtonElement>(`[data-testid="${testid}"]`);
const click = (testid: string) => {
  find(testid)?.click();
  flushSync();
};

test('an empty history can be filled, not exported or cleared', () => {
  click('history-menu');
  expect(find('messages-export-open')?.disabled).toBe(true);
  expect(find('messages-clear')?.disabled).toBe(true);
  expect(find('messages-import-open')?.disabled).toBe(false);
  expect(find('messages-clear-shown-open')).toBeNull();
});

test('an import into an empty history goes into this one', async () => {
  click('history-menu');
  click('messages-import-open');
  await vi.waitFor(() => expect(find('messages-import')).not.toBeNull());
  const here = find('messages-import-where-here')?.querySelector('input');
  expect(here?.checked).toBe(true);
  expect(document.body.textContent).toContain('1 GiB');
});

test('compacting is a job', async () => {
  click('history-menu');
  click('history-compact');
  await vi.waitFor(() => expect(engine.jobs.list).toMatchObject([{ kind: 'compact' }]));
});
