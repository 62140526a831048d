/** The filter bar's state: nothing wrong is applied, the text follows what is shown, filters are remembered. */
import { beforeEach, describe, expect, it } from 'vitest';

import { useBackend } from '$src/backend';
import { noConditions } from '$src/lib/filter';

import { MemoryEngine, profileOf, userError } from '../../tests/memory';
import { ROW, settle } from '../../tests/paged-engine';
import { Filtering } from './filtering.svelte';
import { HistoryState } from './history.svelte';
import { Settings } from './settings.svelte';

const NOW = new Date(2026, 10, 21, 14, 30).getTime() * 1_000;

let engine: MemoryEngine;
let history: HistoryState;
let settings: Settings;
let bar: Filtering;

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = [profileOf('p')];
  engine.rows = Array.from({ length: 100 }, (_, index) => ({
    ...{ ...ROW, index, id: index + 1, topic: index % 2 ? 'plant/a' : 'plant/b' },
    preview: `{"temp":${index}}`,
  }));
  useBackend(engine);
  settings = new Settings();
  await settings.load();
  history = new HistoryState('p');
  history.watch();
  await history.load();
  bar = new Filtering(
    history,
    settings,
    () => ['plant/a'],
    () => NOW,
  );
});

const opened = () => engine.calls.filter(({ name }) => name === 'view_open').length;

it('shows what the text says, keeps the text as it was typed, and remembers the filter', async () => {
  bar.type('last:15m  sub:plant/a');
  expect(bar.isEdited).toBe(true);
  expect(await bar.apply()).toBe(true);
  bar.follow();
  expect(bar.text).toBe('last:15m  sub:plant/a');
  expect(bar.isEdited).toBe(false);
  const shown = { ...noConditions(), topics: ['plant/a'], from_us: NOW - 900_000_000 };
  expect(history.filter).toEqual(shown);
  expect(bar.recent).toEqual([shown]);
});

it('applies nothing while there is a mistake, explains it, and judges it anew with each key', async () => {
  bar.type('plant/a');
  await bar.apply();
  bar.type('plant/a+');
  expect(bar.mistake).toBeNull();
  expect(await bar.apply()).toBe(false);
  expect(bar.mistake).toMatchObject({ code: 'topic', at: 0, rule: 'plus_not_alone' });
  expect(history.filter?.topics).toEqual(['plant/a']);
  expect(opened()).toBe(1);
  bar.type('plant/+');
  expect(bar.mistake).toBeNull();
  expect(bar.draft.topics).toEqual(['plant/+']);
});

it('says where a condition stands that the engine refuses, and keeps what was shown', async () => {
  engine.views.refusal = userError('filter.invalid', '', { field: 'regex', value: 'a(' });
  bar.type('in /a(/');
  expect(await bar.apply()).toBe(false);
  expect(bar.refusal?.error.code).toBe('filter.invalid');
  expect(bar.refusal?.piece).toEqual({ at: 3, length: 4, value: 'a(' });
  expect(bar.text).toBe('in /a(/');
  expect(history.filter).toBeNull();
  expect(bar.recent).toEqual([]);
});

it('follows what something else narrows or clears', async () => {
  await bar.use({ ...noConditions(), retain: false });
  bar.follow();
  await history.narrow({ topics: ['plant/b'] });
  bar.follow();
  expect(bar.text).toBe('plant/b -retain');
  expect(bar.isEdited).toBe(false);
  await history.show(null);
  bar.follow();
  expect(bar.text).toBe('');
  await bar.clear();
  await history.narrow({ dup: true });
  bar.follow();
  expect(bar.text).toBe('dup');
  await history.show(null);
  bar.follow();
  expect(bar.text).toBe('');
});

it('shows everything for an empty text and remembers nothing of it', async () => {
  await bar.use({ ...noConditions(), dup: true });
  bar.type('  ');
  expect(await bar.apply()).toBe(true);
  expect(history.filter).toBeNull();
  expect(history.view).toBeNull();
  expect(bar.recent).toHaveLength(1);
});

describe('filters that are kept', () => {
  it('remembers twenty, the newest first, each once', async () => {
    for (let size = 1; size <= 25; size += 1) await bar.use({ ...noConditions(), min_size: size });
    await bar.use({ ...noConditions(), min_size: 10 });
    const sizes = bar.recent.map(({ min_size }) => min_size);
    expect(sizes).toHaveLength(20);
    expect(sizes.slice(0, 3)).toEqual([10, 25, 24]);
    expect(new Set(sizes).size).toBe(20);
  });

  it('saves, renames and removes by name', async () => {
    await bar.use({ ...noConditions(), dup: true });
    await bar.keep('again');
    await bar.use({ ...noConditions(), retain: true });
    await bar.keep('kept');
    expect(bar.saved.map(({ name }) => name)).toEqual(['again', 'kept']);
    await bar.rename('again', 'kept');
    expect(bar.saved).toEqual([{ name: 'kept', filter: { ...noConditions(), dup: true } }]);
    await bar.remove('kept');
    expect(engine.settings.saved_filters).toEqual([]);
  });
});

it('lets the first rows of a view through the memory engine', async () => {
  history.resize(240);
  bar.type('$.temp > 95');
  await bar.apply();
  await settle();
  expect(history.rows.map((row) => row?.id)).toEqual([97, 98, 99, 100]);
});
