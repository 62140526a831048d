/** The panel under the header: the report of a failure in place, with what helps; and how a connection came about. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useBackend } from '$src/backend';
import { byId, click, has, settled, textOf } from '$src/features/diagnosis/testing';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf, snapshotOf, userError } from '../../tests/memory';
import { allWell, unknownCa } from '../../tests/reports';
import App from './App.svelte';

let engine: MemoryEngine;
let mounted: Record<string, unknown>;

const attempt = unknownCa().account?.attempt ?? null;
const error = attempt?.error ?? userError('internal');
const failed = snapshotOf('a', { state: 'failed', error }, { last_attempt: attempt });

const isOfSession = (name: string) => /^session_(dis)?connect$/.test(name);

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = [
    profileOf('a', {
      name: 'plant',
      endpoint: { scheme: 'mqtts', host: 'gw.plant-a.example', port: 8883, path: '/mqtt' },
    }),
  ];
  engine.diagnosis.sessions.set('a', unknownCa());
  useBackend(engine);
  await app.start();
  mounted = mount(App, { target: document.body });
  flushSync();
});

afterEach(() => unmount(mounted));

test('a failed attempt shows its cause, what helps and its stages in place', async () => {
  engine.set(failed);
  await settled();
  expect(textOf('connection-error')).toContain('Plant CA');
  expect(byId('diagnosis-stage-tls').dataset['verdict']).toBe('failed');
  expect(has('fix-apply')).toBe(true);
});

test('a click on a fix mends the profile and connects', async () => {
  engine.set(failed);
  await settled();
  click('fix-apply');
  await settled();
  expect(engine.profiles[0]?.tls.roots.kind).toBe('pinned');
  const asked = engine.calls.map(({ name }) => name);
  expect(asked.slice(asked.lastIndexOf('profile_save')).filter(isOfSession)).toEqual([
    'session_disconnect',
    'session_connect',
  ]);
});

test('a fix that a person must make opens the form at its field', async () => {
  engine.set(failed);
  await settled();
  click('fix-field');
  expect(app.place).toEqual({ at: 'edit', id: 'a' });
  expect(byId('profile-tls-roots').contains(document.activeElement)).toBe(true);
});

test('while it tries again, the cause stays and the stages of the new attempt run in one line', async () => {
  engine.set(snapshotOf('a', { state: 'waiting', until_ms: 0, attempt: 2, error }));
  await settled();
  engine.set(snapshotOf('a', { state: 'connecting', stage: 'tcp', attempt: 2 }));
  await settled();
  expect(textOf('connection-error')).toContain('Plant CA');
  expect(has('connection-stages')).toBe(true);
  expect(has('diagnosis-stages')).toBe(false);
});

test('a connection that stands tells how it came about when asked', async () => {
  engine.diagnosis.sessions.set('a', allWell());
  const connack = allWell().account?.facts.mqtt?.offer;
  if (!connack) throw new Error('the report has an offer');
  engine.set(
    snapshotOf(
      'a',
      {
        state: 'connected',
        since_ms: 0,
        took_ms: 19,
        address: '203.0.113.7:8883',
        tls: null,
        connack,
      },
      { last_attempt: allWell().account?.attempt ?? null },
    ),
  );
  await settled();
  expect(has('connection-panel')).toBe(false);
  click('connection-facts-toggle');
  expect(has('diagnosis-stages')).toBe(false);
  click('connection-account-toggle');
  expect(has('diagnosis-stage-mqtt-open')).toBe(true);
});

test('Diagnose in the header opens its page', () => {
  click('connection-diagnose');
  expect(app.place).toEqual({ at: 'diagnose', id: 'a' });
  expect(has('diagnosis-page')).toBe(true);
});

test('where no report comes, the error itself stands there', async () => {
  engine.diagnosis.sessions.clear();
  engine.set(failed);
  await vi.waitFor(() => expect(has('connection-failure')).toBe(true));
  expect(textOf('connection-error')).toContain('Edit profile');
});
