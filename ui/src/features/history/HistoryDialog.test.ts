/** The dialog of a history says what a limit would remove before it does, and what is wrong with one at its field. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useBackend } from '$src/backend';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import HistoryDialog from './HistoryDialog.svelte';

let engine: MemoryEngine;
let dialog: Record<string, unknown>;

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = [profileOf('a', { name: 'plant-a' })];
  engine.jobs.usage = { messages: 1_000, file_bytes: 2 ** 28, free_bytes: 2 ** 20 };
  useBackend(engine);
  await app.start();
  const profile = engine.profiles[0] ?? profileOf('a');
  dialog = mount(HistoryDialog, { target: document.body, props: { profile, onclose: vi.fn() } });
  flushSync();
});

afterEach(() => unmount(dialog));

const find = <T extends HTMLElement>(testid: string) => {
  const found = document.querySelector<T>(`[data-testid="${testid}"]`);
  if (!found) throw new Error(`there is no ${testid}`);
  return found;
};
const click = (testid: string) => {
  find(testid).click();
  flushSync();
};
const type = (testid: string, text: string) => {
  const input = find<HTMLInputElement>(testid);
  input.value = text;
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  flushSync();
};
const limits = () => engine.calls.filter(({ name }) => name === 'history_limit');

test('a limit that removes something asks first', async () => {
  click('history-limit-messages-on');
  type('history-limit-messages', '600');
  await vi.waitFor(() => expect(find('history-estimate').textContent).toContain('400 of 1,000'));
  click('history-save');
  await vi.waitFor(() => find('history-remove'));
  expect(limits()).toEqual([]);
  click('history-remove-confirm');
  await vi.waitFor(() => expect(limits()).toHaveLength(1));
  expect(engine.profiles[0]?.retention).toEqual({
    max_bytes: 2 ** 30,
    max_messages: 600,
    max_age_s: null,
  });
});

test('a limit that removes nothing is saved at once', async () => {
  type('history-limit-bytes', '2');
  click('history-save');
  await vi.waitFor(() => expect(limits()).toHaveLength(1));
  expect(engine.profiles[0]?.retention.max_bytes).toBe(2 ** 31);
});

test('a limit out of range is told at its field, in its unit, and cannot be saved', () => {
  type('history-limit-bytes', '0.001');
  expect(find('history-limit-bytes-problem').textContent).toContain('8 MiB');
  expect(find<HTMLButtonElement>('history-save').disabled).toBe(true);
});

test('compaction says what it gives back, and what it gave', async () => {
  await vi.waitFor(() => expect(document.body.textContent).toContain('gives 1 MiB back'));
  click('history-compact-start');
  await vi.waitFor(() => find('history-compact-progress'));
  engine.jobs.put(1, {
    state: 'done',
    result: { messages: 0, bytes: 2 ** 20, first: null },
  });
  await vi.waitFor(() =>
    expect(find('history-compact-result').textContent).toContain('1 MiB given back'),
  );
});
