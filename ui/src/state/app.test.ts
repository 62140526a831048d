/** The window's state: built from snapshots, moved by events, whole again after a gap. */
import { beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';

import { MemoryEngine, profileOf, snapshotOf, userError } from '../../tests/memory';
import { App } from './app.svelte';

let engine: MemoryEngine;
let app: App;

const lost = userError('mqtt.connection_lost');

beforeEach(() => {
  engine = new MemoryEngine();
  engine.profiles = [profileOf('a', { name: 'a' }), profileOf('b', { name: 'b' })];
  useBackend(engine);
  app = new App();
});

/** How often a command was called. */
const calls = (name: string) => engine.calls.filter((each) => each.name === name).length;

const settled = () => new Promise((resolve) => setTimeout(resolve));

test('an empty window shows the welcome', async () => {
  engine.profiles = [];
  await app.start();
  expect(app.place).toEqual({ at: 'welcome' });
});

test('the window opens on a session that is open already', async () => {
  engine.sessions.set('b', snapshotOf('b', { state: 'connecting', stage: 'tcp', attempt: 1 }));
  await app.start();
  expect(app.place).toEqual({ at: 'profile', id: 'b' });
});

test('an event replaces the state of its subject', async () => {
  await app.start();
  engine.set(snapshotOf('a', { state: 'connecting', stage: 'tls', attempt: 1 }));
  expect(app.sessions.state('a')).toMatchObject({ state: 'connecting', stage: 'tls' });
  engine.tell([{ event: 'broker', state: { state: 'starting' } }]);
  expect(app.broker.state).toEqual({ state: 'starting' });
});

test('events that come before the snapshots are applied after them', async () => {
  const started = app.start();
  await Promise.resolve();
  const snapshot = snapshotOf('a', { state: 'connecting', stage: 'mqtt', attempt: 1 });
  engine.tell([{ event: 'session', snapshot }]);
  await started;
  expect(app.sessions.state('a')).toMatchObject({ stage: 'mqtt' });
});

test('a gap in the events loads everything again, and only a gap does', async () => {
  await app.start();
  engine.tell([{ event: 'profiles' }]);
  await settled();
  expect(calls('sessions_list')).toBe(1);
  engine.sessions.set('a', snapshotOf('a', { state: 'failed', error: lost }));
  engine.tell([], 1);
  await settled();
  expect(calls('sessions_list')).toBe(2);
  expect(app.sessions.state('a').state).toBe('failed');
});

test('the cause of a loss stays while the next attempts run, and goes when one succeeds', async () => {
  await app.start();
  engine.set(snapshotOf('a', { state: 'waiting', until_ms: 0, attempt: 2, error: lost }));
  engine.set(snapshotOf('a', { state: 'connecting', stage: 'tcp', attempt: 2 }));
  expect(app.sessions.cause('a')?.code).toBe('mqtt.connection_lost');
  engine.set(snapshotOf('a', { state: 'connecting', stage: 'tcp', attempt: 1 }));
  expect(app.sessions.cause('a')).toBeNull();
});

test('a deleted profile can be taken back', async () => {
  await app.start();
  await app.remove(['a']);
  expect(app.profiles.list.map(({ id }) => id)).toEqual(['b']);
  expect(app.place).toEqual({ at: 'profile', id: 'b' });
  await app.restore();
  expect(app.place).toEqual({ at: 'profile', id: 'a' });
  expect(app.profiles.deleted).toEqual([]);
});

test('a failure is shown, a cancellation is not', async () => {
  await app.start();
  await app.attempt(() => Promise.reject(userError('cancelled')));
  expect(app.error).toBeNull();
  await app.attempt(() => Promise.reject(new Error('boom')));
  expect(app.error).toMatchObject({ code: 'internal', message: 'boom' });
});

test('open sessions and the one that is shown have tabs', async () => {
  await app.start();
  expect(app.tabs).toEqual(['a']);
  engine.set(snapshotOf('b', { state: 'failed', error: lost }));
  expect(app.tabs).toEqual(['a', 'b']);
});

test('a pane rests where it was let go', async () => {
  await app.start();
  app.settings.move('sidebar', 250);
  expect(app.settings.size('sidebar', 204)).toBe(250);
  expect(calls('settings_set')).toBe(0);
  await app.settings.rest('sidebar', 260);
  expect(engine.settings.layout).toEqual({ sidebar: 260 });
  expect(app.settings.size('sidebar', 204)).toBe(260);
});
