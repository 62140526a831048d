/**
 * Preview scenes of the filter bar: filtered, filter-search, filter-wrong, filter-conditions, filter-menu, filter-empty,
 * filter-narrow (a window of 960 pixels then has the narrowest list), filter-halted.
 */
import { tick } from 'svelte';

import { noConditions } from '$src/lib/filter';
import { filteringOf } from '$src/state/filterings';
import { historyOf } from '$src/state/histories';

import type { MemoryEngine } from './memory';

const TEXTS: Record<string, string> = {
  'filter-search': 'plant-a/+/telemetry /31\\.[0-9]+/',
  'filter-wrong': 'plant-a/# size>big',
  'filter-empty': 'lab/#',
};

/** Filters what is shown, where the scene is about that. */
export async function showFilter(engine: MemoryEngine, scene: string): Promise<void> {
  if (!scene.startsWith('filter')) return;
  const [profile] = engine.profiles;
  if (!profile) return;
  if (/search|narrow|halted/.test(scene)) {
    engine.views.progress = { scanned: 380_000, remaining: 620_000, complete: false };
  }
  const filtering = filteringOf(profile);
  filtering.type(TEXTS[scene] ?? 'plant-a/+/telemetry -plant-a/s3/# $.temp > 34');
  await filtering.apply();
  await tick();
  const click = (testid: string) =>
    document.querySelector<HTMLElement>(`[data-testid=${testid}]`)?.click();
  if (scene === 'filter-narrow') historyOf(profile.id).choose(120);
  if (scene === 'filter-halted') await historyOf(profile.id).halt();
  if (scene === 'filter-conditions') click('filter-conditions');
  if (scene === 'filter-menu') {
    await filtering.keep('Too warm, but for the third');
    await filtering.use({ ...noConditions(), retain: true, qos: [1, 2] });
    click('filter-menu');
  }
}
