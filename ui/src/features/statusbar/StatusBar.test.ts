/** The status bar says what is kept, what is not, and what overload means. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useBackend } from '$src/backend';
import type { SubscriptionState, Traffic } from '$src/bindings/engine';
import { unmade } from '$src/state/subscription';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf, snapshotOf, subscriptionOf } from '../../../tests/memory';
import StatusBar from './StatusBar.svelte';

const QOS0: SubscriptionState = {
  ...unmade(subscriptionOf('a/#')),
  ...{ state: 'granted', granted: 0 },
};
const QOS1: SubscriptionState = {
  ...unmade(subscriptionOf('b/#', 1)),
  ...{ state: 'granted', granted: 1 },
};

let profiles = 0;
let engine: MemoryEngine;
let bar: Record<string, unknown> | undefined;

// Histories outlive an engine in memory, so that each test has a profile of its own.
beforeEach(() => {
  profiles += 1;
  engine = new MemoryEngine();
  engine.profiles = [profileOf(`p${profiles}`)];
  useBackend(engine);
});

afterEach(async () => {
  if (bar) await unmount(bar);
  bar = undefined;
});

const snapshot = (traffic: Partial<Traffic>, subscriptions: SubscriptionState[] = []) => {
  const plain = snapshotOf(`p${profiles}`);
  return { ...plain, subscriptions, traffic: { ...plain.traffic, ...traffic } };
};

async function show(traffic: Partial<Traffic>, subscriptions: SubscriptionState[] = []) {
  engine.sessions.set(`p${profiles}`, snapshot(traffic, subscriptions));
  await app.start();
  const profile = engine.profiles[0] ?? profileOf('');
  bar = mount(StatusBar, { target: document.body, props: { profile } });
  flushSync();
}

const text = (name: string) =>
  document.querySelector(`[data-testid="statusbar-${name}"]`)?.textContent?.trim();

test('the limit stands beside what is stored', async () => {
  await show({ store_delay_us: 12_400, queued: 3 });
  expect(text('stored')).toMatch(/ of 1 GiB$/);
  expect(text('delay')).toBe('store 12 ms');
  expect(text('queue')).toBe('queue 3');
});

test('while reading rests, the bar says so, and what cannot be known of QoS 0', async () => {
  await show({ held_back: true, held_back_ms: 10 }, [QOS1, QOS0]);
  expect(text('held')).toContain('Reading is slowed');
  expect(text('qos0')).toContain('cannot be known');
});

test('without a QoS 0 subscription nothing was dropped unseen', async () => {
  await show({ held_back: true, held_back_ms: 10 }, [QOS1]);
  expect(text('qos0')).toBeUndefined();
});

test('afterwards it says for how long in all', async () => {
  await show({ held_back_ms: 12_000 }, [QOS0]);
  expect(text('held')).toBeUndefined();
  expect(text('was-held')).toBe('Reading was slowed for 12 s in all');
});

test('what limits removed and what is not kept is never silent', async () => {
  engine.recording = false;
  engine.jobs.removed = { messages: 120_000, bytes: 9, since_us: 0 };
  await show({ not_recorded: 1_204 });
  await vi.waitFor(() => expect(text('removed')).toBe('removed 120,000'));
  expect(text('not-recorded')).toBe('not recording · 1,204 not kept');
});

test('numbers change four times a second at most, and the last one is shown', async () => {
  await show({ queued: 1 });
  for (const queued of [2, 3, 4]) {
    app.sessions.changed(snapshot({ queued }));
    flushSync();
  }
  expect(text('queue')).not.toBe('queue 4');
  await vi.waitFor(() => expect(text('queue')).toBe('queue 4'));
});
