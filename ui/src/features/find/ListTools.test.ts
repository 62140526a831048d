/** Keys, bars and the menu of the list, on an engine in memory: what a person does leads to what the engine is asked for. */
import { flushSync, mount, unmount } from 'svelte';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';

import { useBackend } from '$src/backend';
import type { Row } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { comparison } from '$src/state/compare.svelte';
import { draftOf } from '$src/state/drafts';
import { historyOf } from '$src/state/histories';
import type { HistoryState } from '$src/state/history.svelte';
import { MemoryEngine, profileOf } from '../../../tests/memory';

import ListTools from './ListTools.svelte';

const HOSTILE = '<img src=x onerror="globalThis.ran = 1">';

let engine: MemoryEngine;
let history: HistoryState;
let mounted: object;
let number = 0;

const byId = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
const words = (testid: string) => byId(testid)?.textContent?.trim().replace(/\s+/g, ' ');

const settle = async () => {
  for (let turn = 0; turn < 40; turn += 1) {
    await Promise.resolve();
    flushSync();
  }
};
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function press(key: string, part: KeyboardEventInit = {}, target = byId('message-list')) {
  const event = new KeyboardEvent('keydown', { key, ...part, bubbles: true, cancelable: true });
  target?.dispatchEvent(event);
  flushSync();
}

function type(testid: string, text: string) {
  const field = byId(testid) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

const rowOf = (id: number): Row => ({
  ...{ index: id - 1, id, time_us: id * 1_000_000, direction: 'received', qos: 1, dup: false },
  ...{ topic: id % 2 ? 'a/odd' : `a/${HOSTILE}`, retain: true, size: 9, outcome: null },
  ...{ preview: `{"n":${id}}`, bookmark: null },
});

// One clock for all tests: what takes turns remembers when it had its last.
beforeAll(() => {
  vi.useFakeTimers();
});

afterAll(() => {
  vi.useRealTimers();
});

beforeEach(async () => {
  number += 1;
  engine = new MemoryEngine();
  engine.profiles = [profileOf(`p${number}`)];
  engine.rows = Array.from({ length: 60 }, (_, at) => rowOf(at + 1));
  useBackend(engine);
  await app.start();
  history = historyOf(`p${number}`);
  // Nothing is laid out here, so the list is one without rows on the page; its state has them.
  const list = document.createElement('div');
  list.tabIndex = 0;
  list.dataset['testid'] = 'message-list';
  list.setAttribute('role', 'grid');
  document.body.append(list);
  mounted = mount(ListTools, { target: document.body, props: { history } });
  history.watch();
  history.resize(240);
  await settle();
});

afterEach(async () => {
  comparison.close();
  await unmount(mounted);
  document.body.replaceChildren();
});

it('finds with the keys, says how often, and puts the bar away with Esc', async () => {
  press('F', { ctrlKey: true, shiftKey: true });
  type('find-text', '"n":1');
  await pass(260);
  await settle();
  // 1 and 10 to 19.
  expect(words('find-count')).toBe('11 of 11');
  press('F3');
  await settle();
  expect(words('find-count')).toBe('1 of 11 · went on from the oldest');
  expect(history.selected?.id).toBe(1);
  press('Escape');
  expect(byId('find')).toBeNull();
  expect(history.selected?.id).toBe(1);
});

it('goes to a number, and says where it came to', async () => {
  press('g', { ctrlKey: true });
  type('goto-field', '#25');
  expect(words('goto-says')).toBe('message 25');
  press('Enter', {}, byId('goto-field'));
  await settle();
  expect(history.selected?.id).toBe(25);
  type('goto-field', '4,000');
  press('Enter', {}, byId('goto-field'));
  await settle();
  expect(words('goto-says')).toContain('This is the newest, 60');
  type('goto-field', 'soon');
  expect(words('goto-says')).toContain('Neither a number');
});

it('goes to the next message where the one that is wanted was removed', async () => {
  engine.rows = engine.rows.filter(({ id }) => id < 20 || id > 29);
  press('g', { ctrlKey: true });
  type('goto-field', '22');
  press('Enter', {}, byId('goto-field'));
  await settle();
  expect(words('goto-says')).toBe('Message 22 is not here any more. This is the next one, 30.');
});

it('marks the chosen row, and goes from mark to mark', async () => {
  await history.reveal(40);
  await settle();
  press('b', { ctrlKey: true });
  await settle();
  await history.reveal(50);
  press('b', { ctrlKey: true });
  await settle();
  expect(engine.find.bookmarks.map(({ id }) => id)).toEqual([40, 50]);
  press('ArrowUp', { ctrlKey: true, altKey: true });
  await settle();
  expect(history.selected?.id).toBe(40);
});

it('opens the menu of the chosen row with its keys, on screen or not', async () => {
  await history.reveal(40);
  await settle();
  press('F10', { shiftKey: true });
  await settle();
  expect(byId('row-menu')?.dataset['message']).toBe('40');
  expect(byId('row-filter-level')?.textContent).toContain('Show only a/#');
  // The topic is text, also in the menu's name.
  expect(document.querySelector('img')).toBeNull();
  expect(byId('row-publish-again')?.getAttribute('aria-disabled')).toBe('true');
  byId('row-publish-again')?.click();
  expect(engine.calls.some(({ name }) => name === 'message_publish_again')).toBe(false);
  press('Escape', {}, byId('row-menu'));
  expect(byId('row-menu')).toBeNull();
});

it('compares with the message before on the topic, or with a chosen one', async () => {
  await history.reveal(41);
  await settle();
  press('d', { ctrlKey: true });
  await settle();
  expect(byId('compare-side-before')?.dataset['message']).toBe('39');
  expect(words('compare-change')).toContain('$.n');
  expect([words('compare-before'), words('compare-after')]).toEqual(['39', '41']);
  byId('compare-close')?.click();
  await settle();
  press('F10', { shiftKey: true });
  await settle();
  byId('row-compare-choose')?.click();
  await history.reveal(40);
  await settle();
  press('F10', { shiftKey: true });
  await settle();
  byId('row-compare-with')?.click();
  await settle();
  expect(byId('compare-side-before')?.dataset['message']).toBe('40');
  expect(document.querySelector('img')).toBeNull();
  expect(globalThis).not.toHaveProperty('ran');
});

it('puts a message into the publish box', async () => {
  engine.payload = () => Promise.resolve(new TextEncoder().encode('{"n":41}').buffer);
  await history.reveal(41);
  await settle();
  press('e', { ctrlKey: true });
  await settle();
  const draft = draftOf(history.profile, false);
  expect(draft).toMatchObject({ topic: 'a/odd', text: '{"n":41}', format: 'json', qos: 1 });
  expect(draft.properties.contentType).toBe('application/json');
});
