/** Histories outlive the components that look at them. */
import { flushSync } from 'svelte';
import { expect, test } from 'vitest';

import { useBackend } from '$src/backend';

import { MemoryEngine, profileOf } from '../../tests/memory';
import { historyOf } from './histories';

test('a history is followed again after the component that asked for it first is gone', () => {
  const engine = new MemoryEngine();
  engine.profiles = [profileOf('p')];
  useBackend(engine);
  const leave = $effect.root(() => {
    const history = $derived(historyOf('p'));
    $effect(() => void history.position.overflows);
  });
  flushSync();
  leave();

  const seen: boolean[] = [];
  const history = historyOf('p');
  const end = $effect.root(() => {
    $effect(() => void seen.push(history.position.overflows));
  });
  flushSync();
  history.position.resize(48);
  history.position.setTotal(3);
  flushSync();
  end();
  expect(seen).toEqual([false, true]);
});
