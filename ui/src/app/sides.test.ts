/** Two lists on one page: keys act on the one that has the focus, messages go across, and what hinders is said where it matters. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useBackend } from '$src/backend';
import type { Row } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { findOf } from '$src/state/find-of';
import { historyOf } from '$src/state/histories';

import { connackOf, MemoryEngine, profileOf, snapshotOf } from '../../tests/memory';
import { MemoryPair } from '../../tests/memory-pair';
import App from './App.svelte';

let engine: MemoryEngine;
let pair: MemoryPair;
let mounted: object;
let number = 0;
let a = '';
let b = '';

const within = (side: string, testid: string) =>
  document.querySelector<HTMLElement>(`[data-testid="${side}"] [data-testid="${testid}"]`);
const byId = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
const text = (side: string, testid: string) => within(side, testid)?.textContent?.trim() ?? '';

const settle = async () => {
  for (let turn = 0; turn < 60; turn += 1) {
    await Promise.resolve();
    flushSync();
  }
};

async function press(key: string, part: KeyboardEventInit, target: Element | null) {
  const event = new KeyboardEvent('keydown', { key, ...part, bubbles: true, cancelable: true });
  (target ?? document.body).dispatchEvent(event);
  await settle();
}

async function click(element: HTMLElement | null) {
  element?.click();
  await settle();
}

const list = (side: string) => within(side, 'message-list');

async function focus(side: string) {
  list(side)?.focus();
  await settle();
}

const connected = (id: string) =>
  snapshotOf(id, {
    ...{ state: 'connected', since_ms: 0, took_ms: 3, address: '127.0.0.1:1883', tls: null },
    connack: connackOf(),
  });

const rowOf = (id: number, topic: string): Row => ({
  ...{ index: id - 1, id, time_us: id * 1_000_000, direction: 'received', qos: 1, dup: false },
  ...{ topic, retain: false, size: 9, outcome: null, preview: `{"n":${id}}`, bookmark: null },
});

const published = () =>
  engine.calls.flatMap(({ name, args }) => (name === 'message_publish_again' ? [args] : []));

beforeEach(async () => {
  number += 1;
  [a, b] = [`a${number}`, `b${number}`];
  engine = new MemoryEngine();
  engine.profiles = [profileOf(a, { name: 'plant' }), profileOf(b, { name: 'lab' })];
  engine.profiles.push(profileOf(`c${number}`, { name: 'spare' }));
  for (const id of [a, b]) engine.sessions.set(id, connected(id));
  const rows = (topic: string, count: number) =>
    Array.from({ length: count }, (_, at) => rowOf(at + 1, topic));
  pair = new MemoryPair(engine, { [a]: rows('plant/t', 40), [b]: rows('lab/t', 30) });
  useBackend(engine);
  mounted = mount(App, { target: document.body });
  await app.start();
  app.sides.oneFilter = false;
  app.sides.showing = 'messages';
  app.go({ at: 'profile', id: a });
  app.sides.open(a, b);
  await settle();
  // Nothing is laid out here.
  for (const id of [a, b]) historyOf(id).resize(240);
  await settle();
});

afterEach(async () => {
  app.copies.putAway();
  app.go({ at: 'welcome' });
  await unmount(mounted);
});

test('both profiles are marked where profiles are, and the page says who stands where', () => {
  const current = [...document.querySelectorAll<HTMLElement>('[data-testid="session-tab"]')];
  expect(current.map((tab) => tab.getAttribute('aria-current'))).toEqual(['page', 'page']);
  expect(byId('side-left')?.dataset['profile']).toBe(a);
  expect(byId('side-right')?.dataset['profile']).toBe(b);
  expect(document.querySelectorAll('[data-testid="statusbar"]')).toHaveLength(2);
  // Each chooser leaves out the profile of the other side.
  const names = (side: string) =>
    [...(within(side, 'side-profile') as HTMLSelectElement).options].map((each) =>
      each.textContent?.trim(),
    );
  expect(names('side-left')).toEqual(['plant', 'spare']);
  expect(names('side-right')).toEqual(['lab', 'spare']);
});

test('keys of the window act on the side that has the focus', async () => {
  await focus('side-right');
  await press('F', { ctrlKey: true, shiftKey: true }, list('side-right'));
  expect([findOf(a).open, findOf(b).open]).toEqual([false, true]);
  expect(within('side-left', 'find')).toBeNull();
  expect(within('side-right', 'find')).not.toBeNull();
  await press('f', { ctrlKey: true }, list('side-right'));
  expect(document.activeElement).toBe(within('side-right', 'filter-field'));

  await focus('side-left');
  await press('g', { ctrlKey: true }, list('side-left'));
  expect(within('side-left', 'goto')).not.toBeNull();
  expect(within('side-right', 'goto')).toBeNull();
  await press('Escape', {}, within('side-left', 'goto-field'));
  await press('F6', {}, list('side-left'));
  expect(document.activeElement).toBe(list('side-right'));
  await press('Home', {}, list('side-right'));
  await vi.waitFor(() => expect(historyOf(b).selected?.id).toBe(1));
  await press('b', { ctrlKey: true }, list('side-right'));
  expect(historyOf(a).selected).toBeNull();
  const marked = engine.calls.filter(({ name }) => name === 'bookmark_set');
  expect(marked.map(({ args }) => args)).toEqual([{ profile: b, id: 1, note: '' }]);
  findOf(b).close();
});

test('Esc puts the chosen message of the side away, then goes back', async () => {
  await focus('side-left');
  await press('Home', {}, list('side-left'));
  expect(within('side-left', 'inspector')?.dataset['message']).toBe('1');
  await press('Escape', {}, list('side-left'));
  expect(historyOf(a).selected).toBeNull();
  expect(app.place.at).toBe('sides');
  await press('Escape', {}, list('side-left'));
  expect(app.place).toEqual({ at: 'profile', id: a });
  await press('S', { ctrlKey: true, shiftKey: true }, null);
  expect(app.place).toEqual({ at: 'sides', left: a, right: b });
});

test('a message goes across by its key, and its new number is said where it came', async () => {
  await focus('side-left');
  await press('Home', {}, list('side-left'));
  await press('ArrowLeft', { ctrlKey: true }, list('side-left'));
  expect(published()).toEqual([]);
  await press('ArrowRight', { ctrlKey: true }, list('side-left'));
  expect(published()).toEqual([{ message: { profile: a, id: 1 }, to: b }]);
  expect(pair.rows(b).at(-1)).toMatchObject({ id: 31, topic: 'plant/t', direction: 'sent' });
  expect(within('side-right', 'copy-bar')?.dataset['copy']).toBe('31');
  expect(text('side-right', 'copy-bar')).toContain('#1 copied to lab as #31: acknowledged');
  expect(within('side-left', 'copy-bar')).toBeNull();
  await click(within('side-right', 'copy-show'));
  expect(historyOf(b).selected?.id).toBe(31);

  await focus('side-right');
  await press('ArrowLeft', { ctrlKey: true }, list('side-right'));
  expect(published().at(-1)).toEqual({ message: { profile: b, id: 31 }, to: a });
  expect(within('side-left', 'copy-bar')?.dataset['copy']).toBe('41');
});

test('what hinders a copy, and why it failed, is said on the other side', async () => {
  engine.set(snapshotOf(b));
  await focus('side-left');
  await press('Home', {}, list('side-left'));
  await press('ArrowRight', { ctrlKey: true }, list('side-left'));
  expect(published()).toEqual([]);
  expect(within('side-right', 'copy-bar')?.dataset['outcome']).toBe('hindered');
  expect(within('side-right', 'side-halt')).not.toBeNull();
  expect(within('side-left', 'side-halt')).toBeNull();
  await click(within('side-right', 'copy-connect'));
  expect(engine.calls.at(-1)).toMatchObject({ name: 'session_connect', args: { profile: b } });
  expect(within('side-right', 'copy-bar')).toBeNull();

  engine.set(connected(b));
  await settle();
  // It is gone by now.
  pair.rows(a).shift();
  await press('ArrowRight', { ctrlKey: true }, list('side-left'));
  expect(within('side-right', 'copy-bar')?.dataset['outcome']).toBe('error');
});

test('the other side is brought to the time of a message', async () => {
  await focus('side-left');
  await press('Home', {}, list('side-left'));
  for (let times = 0; times < 11; times += 1) await press('ArrowDown', {}, list('side-left'));
  await press('t', { ctrlKey: true }, list('side-left'));
  expect(historyOf(a).selected?.id).toBe(12);
  expect(historyOf(b).selected?.id).toBe(12);
  await press('End', {}, list('side-left'));
  await press('t', { ctrlKey: true }, list('side-left'));
  expect(historyOf(b).selected?.id).toBe(30);
  expect(text('side-right', 'side-landing')).toContain('30');
});

test('one filter for both is the filter of the side that has the keys, and follows both', async () => {
  await historyOf(b).narrow({ topics: ['lab/#'] });
  await settle();
  await focus('side-right');
  await click(byId('sides-one-filter'));
  expect(historyOf(a).filter?.topics).toEqual(['lab/#']);
  expect(document.querySelectorAll('[data-testid="filter-bar"]')).toHaveLength(1);
  await historyOf(a).narrow({ topics: ['plant/t'] });
  await settle();
  expect(historyOf(b).filter?.topics).toEqual(['plant/t']);
  await historyOf(b).show(null);
  await settle();
  expect(historyOf(a).filter).toBeNull();
});

test('sides are swapped with what belongs to them', async () => {
  await focus('side-left');
  await click(byId('sides-swap'));
  expect(byId('side-left')?.dataset['profile']).toBe(b);
  expect(app.sides.focused).toBe(a);
  await press('Home', {}, list('side-right'));
  await press('ArrowLeft', { ctrlKey: true }, list('side-right'));
  expect(published()).toEqual([{ message: { profile: a, id: 1 }, to: b }]);
});

test('a side without a profile offers those that there are', async () => {
  app.sides.open(a, null);
  await settle();
  const choices = [...document.querySelectorAll<HTMLElement>('[data-testid="side-choice-item"]')];
  expect(choices.map((each) => each.textContent?.trim())).toEqual([
    'connected lab',
    'not connected spare',
  ]);
  await click(choices[1] ?? null);
  expect(app.sides.place?.right).toBe(`c${number}`);
});

test('from a single list a message is copied to another profile that is connected, and said there', async () => {
  app.go({ at: 'profile', id: a });
  await settle();
  historyOf(a).resize(240);
  await settle();
  await press('Home', {}, byId('message-list'));
  await press('F10', { shiftKey: true }, byId('message-list'));
  expect(byId('row-copy-across')).toBeNull();
  expect(byId('row-copy-to-1')?.textContent).toContain('Copy to lab');
  expect(byId('row-copy-to-2')).toBeNull();
  await click(byId('row-copy-to-1'));
  expect(published()).toEqual([{ message: { profile: a, id: 1 }, to: b }]);
  expect(byId('copy-bar')?.dataset['copy']).toBe('31');
});
