/**
 * Two sessions side by side, for the preview: `sides`, `sides-idle` (the right one not connected), `sides-choose`, `sides-empty`,
 * `sides-selected`, `sides-filter` (one filter for both), `sides-copied`, `sides-failed`, `sides-drag`, `sides-compare`.
 */
import { app } from '$src/state/app.svelte';
import { filteringOf } from '$src/state/filterings';
import { historyOf } from '$src/state/histories';

import { connackOf, snapshotOf, userError, type MemoryEngine } from './memory';
import { MemoryPair } from './memory-pair';

/** The scenes that begin with two lists. */
export async function showSides(engine: MemoryEngine, scene: string): Promise<void> {
  if (!scene.startsWith('sides')) return;
  await app.profiles.paint(['a'], 'blue');
  await app.profiles.paint(['b'], 'green');
  const pair = new MemoryPair(engine, {
    a: engine.rows.slice(0, 900),
    b: scene === 'sides-empty' ? [] : engine.rows.filter(({ id }) => id % 7 !== 0).slice(0, 800),
  });
  const { state } = snapshotOf('b', {
    state: 'connected',
    since_ms: Date.now(),
    took_ms: 41,
    address: '198.51.100.9:8084',
    tls: null,
    connack: connackOf(),
  });
  const traffic = { ...snapshotOf('b').traffic, received_per_second: 812, sent_per_second: 1 };
  const isIdle = scene === 'sides-idle' || scene === 'sides-empty';
  engine.set(isIdle ? snapshotOf('b') : snapshotOf('b', state, { traffic }));
  if (scene === 'sides-failed') {
    const error = userError('tls.unknown_issuer', '', { issuer: 'Plant CA', host: 'gw.plant-b' });
    engine.set(snapshotOf('b', { state: 'failed', error }));
  }
  app.go({ at: 'profile', id: 'a' });
  app.sides.open('a', scene === 'sides-choose' ? null : 'b');
  await Promise.all([pair.tell('a'), pair.tell('b')]);
  if (scene === 'sides-selected' || scene === 'sides-copied') {
    await historyOf('a').reveal(870, { select: true });
  }
  if (scene === 'sides-selected') await historyOf('b').reveal(866, { select: true });
  if (scene === 'sides-copied') await app.copies.copy({ profile: 'a', id: 870 }, 'b');
  if (scene === 'sides-idle') await app.copies.copy({ profile: 'a', id: 870 }, 'b');
  if (scene === 'sides-filter') {
    app.sides.oneFilter = true;
    const profile = app.profiles.byId('a');
    if (profile) {
      const filtering = filteringOf(profile);
      filtering.type('plant-a/s1/#');
      await filtering.apply();
    }
  }
  if (scene === 'sides-compare') app.sides.showing = 'comparison';
}
