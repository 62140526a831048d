/** What is odd about a profile is told before it is connected, with the way to the field; it hinders nothing. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Problem, SessionState } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf, snapshotOf } from '../../../tests/memory';
import ProfileWarnings from './ProfileWarnings.svelte';

let engine: MemoryEngine;
let shown: Record<string, unknown>;

const odd = (field: string): Problem => ({
  field,
  weight: 'warning',
  code: 'scheme_port_mismatch',
  limit: 'mqtts',
  source: '',
  reason: null,
});

beforeEach(() => {
  engine = new MemoryEngine();
  useBackend(engine);
  engine.profiles = [profileOf('p', { name: 'bench' })];
});

afterEach(() => unmount(shown));

const settled = async () => {
  await new Promise((resolve) => setTimeout(resolve, 5));
  flushSync();
};

async function open(problems: Problem[], state: SessionState = { state: 'disconnected' }) {
  engine.judge = () => problems;
  engine.sessions.set('p', snapshotOf('p', state));
  await app.start();
  const [profile] = app.profiles.list;
  if (!profile) throw new Error('there is no profile');
  shown = mount(ProfileWarnings, { target: document.body, props: { profile } });
  await settled();
}

const all = (testid: string) => [
  ...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`),
];

test('each warning stands with its field, and leads there', async () => {
  await open([odd('endpoint.port')]);
  const [line] = all('settings-warning');
  expect(line?.textContent).toContain('Port');
  expect(line?.textContent).toContain('mqtts');
  all('settings-warning-show')[0]?.click();
  expect(app.place).toEqual({ at: 'edit', id: 'p' });
});

test('many are cut to a few, so that the panes keep their place', async () => {
  await open(['name', 'endpoint.port', 'client_id', 'user_name', 'keep_alive', 'will'].map(odd));
  expect(all('settings-warning')).toHaveLength(4);
  expect(all('settings-warnings-more')[0]?.textContent).toContain('2');
});

test('a profile without one shows nothing', async () => {
  await open([]);
  expect(all('settings-warnings')).toEqual([]);
});

test('they are gone as soon as the profile connects', async () => {
  await open([odd('endpoint.port')]);
  engine.set(snapshotOf('p', { state: 'connecting', stage: 'tcp', attempt: 1 }));
  await settled();
  expect(all('settings-warnings')).toEqual([]);
});

test('a connected profile is not judged at all', async () => {
  await open([odd('endpoint.port')], { state: 'connecting', stage: 'tcp', attempt: 1 });
  expect(engine.calls.some(({ name }) => name === 'profile_check')).toBe(false);
});
