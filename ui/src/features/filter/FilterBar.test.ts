/** The filter bar in the messages pane: by keyboard, by the form, and what it says while and after a search. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useBackend } from '$src/backend';
import { byId, click, has, settled, textOf } from '$src/features/diagnosis/testing';
import MessagesPane from '$src/features/messages/MessagesPane.svelte';
import { app } from '$src/state/app.svelte';
import { historyOf } from '$src/state/histories';

import { MemoryEngine, profileOf, subscriptionOf } from '../../../tests/memory';
import { ROW } from '../../../tests/paged-engine';

let engine: MemoryEngine;
let mounted: Record<string, unknown>;
let profile: ReturnType<typeof profileOf>;
let number = 0;

beforeEach(async () => {
  engine = new MemoryEngine();
  number += 1;
  profile = profileOf(`p${number}`, { subscriptions: [subscriptionOf('plant/+/t')] });
  engine.profiles = [profile];
  engine.rows = Array.from({ length: 100 }, (_, index) => ({
    ...{ ...ROW, index, id: index + 1, topic: index % 4 ? 'plant/a/t' : 'plant/b/cmd' },
    preview: `{"temp":${index}}`,
  }));
  useBackend(engine);
  await app.start();
  mounted = mount(MessagesPane, { target: document.body, props: { profile } });
  await settled();
});

afterEach(() => unmount(mounted));

const field = () => byId('filter-field') as HTMLInputElement;

function type(text: string, into: HTMLElement = field()) {
  const input = into as HTMLInputElement;
  input.value = text;
  input.setSelectionRange(text.length, text.length);
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  flushSync();
}

async function press(key: string, on: EventTarget = field(), keys: KeyboardEventInit = {}) {
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...keys }));
  await settled();
}

/** Waits for what the window shows: numbers beside the list change when it is quiet. */
const shows = (testid: string, text: string | RegExp) =>
  vi.waitFor(
    () => {
      flushSync();
      expect(textOf(testid)).toMatch(text);
    },
    { timeout: 4_000 },
  );
const gone = (testid: string) =>
  vi.waitFor(() => {
    flushSync();
    expect(has(testid)).toBe(false);
  });

const filter = () => historyOf(profile.id).filter;

test('Enter applies what was typed, and the count tells found of all', async () => {
  type('plant/b/#');
  expect(filter()).toBeNull();
  await press('Enter');
  expect(filter()?.topics).toEqual(['plant/b/#']);
  await shows('messages-count', /^25 of 100$/);
});

test('a mistake is explained with its place, and what was shown stays', async () => {
  field().focus();
  type('plant/b/# size>big');
  await press('Enter');
  expect(filter()).toBeNull();
  expect(textOf('filter-problem')).toMatch(/^size>big A size is a number of bytes/);
  expect([field().selectionStart, field().selectionEnd]).toEqual([10, 18]);
  type('plant/b/# size>1');
  expect(has('filter-problem')).toBe(false);
});

test('Ctrl+F goes to the field; Esc takes back what was not applied, then goes back to the list', async () => {
  await press('f', window, { ctrlKey: true });
  expect(document.activeElement).toBe(field());
  type('"half');
  await press('Escape');
  expect(field().value).toBe('');
  await press('Escape');
  expect(document.activeElement).toBe(byId('message-list'));
});

test('topics in use are offered, and taken by keys', async () => {
  type('plant/b');
  await shows('filter-suggestion', /^plant\/b\/cmd topic$/);
  await press('ArrowDown');
  expect(field().getAttribute('aria-activedescendant')).not.toBeNull();
  await press('Enter');
  expect(field().value).toBe('plant/b/cmd ');
  expect(filter()).toBeNull();
  type('plant/b/cmd sub:');
  await press('Tab');
  expect(field().value).toBe('plant/b/cmd sub:plant/+/t ');
});

test('the form says what the text says, and the other way round', async () => {
  type('plant/b/# -retain $.temp > 30');
  click('filter-conditions');
  const topics = byId('filter-topics') as HTMLTextAreaElement;
  expect(topics.value).toBe('plant/b/#');
  expect((byId('filter-payload-value-0') as HTMLInputElement).value).toBe('30');
  type('50', byId('filter-payload-value-0'));
  click('filter-direction-received');
  byId('filter-direction-received').querySelector('input')?.click();
  flushSync();
  expect(field().value).toBe('plant/b/# in -retain $.temp > 50');
  click('filter-apply');
  await settled();
  expect(filter()?.payload).toMatchObject([{ path: '$.temp', value: '50' }]);
  expect(has('filter-conditions-form')).toBe(false);
});

test('nothing found is said, and the way back is there', async () => {
  type('lab/#');
  await press('Enter');
  await shows('messages-nothing', 'No message meets this filter');
  click('messages-nothing-clear');
  await settled();
  expect(filter()).toBeNull();
  expect(field().value).toBe('');
});

test('a long search shows how far it is and can be stopped and begun again', async () => {
  engine.views.progress = { scanned: 380_000, remaining: 620_000, complete: false };
  type('plant/b/#');
  await press('Enter');
  await shows('messages-count', /^25 · 38%$/);
  expect(byId('messages-count').title).toBe('25 found · 38% of 1,000,000 searched');
  click('filter-stop');
  await shows('filter-progress', 'stopped');
  expect(byId('filter-progress').title).toBe('search stopped: older messages were not looked at');
  engine.views.progress = {};
  click('filter-continue');
  await gone('filter-progress');
  await shows('messages-count', /^25 of 100$/);
});

test('filters are kept by name and used again', async () => {
  type('plant/b/#');
  await press('Enter');
  click('filter-menu');
  type('commands', byId('filter-save-name'));
  click('filter-save');
  await settled();
  expect(engine.settings.saved_filters.map(({ name }) => name)).toEqual(['commands']);
  await historyOf(profile.id).show(null);
  await settled();
  click('filter-saved-item');
  await settled();
  expect(filter()?.topics).toEqual(['plant/b/#']);
  expect(field().value).toBe('plant/b/#');
  expect(engine.settings.recent_filters).toHaveLength(1);
});
