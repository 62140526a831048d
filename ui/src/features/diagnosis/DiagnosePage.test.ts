/** The page of a diagnosis: what is asked for, consent, cancel, again, and a fix that connects. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { useBackend } from '$src/backend';
import { app } from '$src/state/app.svelte';
import { diagnosingOf } from '$src/state/diagnosing.svelte';

import { MemoryEngine, profileOf, snapshotOf, subscriptionOf } from '../../../tests/memory';
import { unknownCa } from '../../../tests/reports';
import DiagnosePage from './DiagnosePage.svelte';
import { byId, click, has, settled, textOf } from './testing';

let engine: MemoryEngine;
let page: Record<string, unknown>;
let next = 0;

/** Each test has a profile of its own: a diagnosis outlives its page. */
async function open(subscribes = true, connected = false): Promise<string> {
  const id = `p${next++}`;
  const subscriptions = subscribes ? [subscriptionOf('t')] : [];
  const profile = profileOf(id, {
    name: 'plant',
    subscriptions,
    endpoint: { scheme: 'mqtts', host: 'gw.plant-a.example', port: 8883, path: '/mqtt' },
  });
  engine.profiles = [profile];
  if (connected) {
    const state = { state: 'connecting' as const, stage: 'mqtt' as const, attempt: 1 };
    engine.sessions.set(id, snapshotOf(id, state));
  }
  await app.start();
  page = mount(DiagnosePage, { target: document.body, props: { profile } });
  flushSync();
  return id;
}

const asked = (name: string) => engine.calls.filter((call) => call.name === name).at(-1)?.args;
const names = () => engine.calls.map(({ name }) => name);

beforeEach(() => {
  engine = new MemoryEngine();
  useBackend(engine);
});

afterEach(async () => {
  await unmount(page);
  await diagnosingOf(`p${next - 1}`).run.close();
});

test('it asks before it begins, and says what the other schemes send', async () => {
  await open();
  expect(names()).not.toContain('diagnosis_start');
  expect(byId('diagnosis-stay').closest('.checkbox')?.textContent).toContain('120 s');
  const consent = byId('diagnosis-other-schemes');
  expect((consent as HTMLInputElement).checked).toBe(false);
  expect(consent.closest('.checkbox')?.textContent).toContain('No user name, password');
  click('diagnosis-start');
  await settled();
  expect(asked('diagnosis_start')).toMatchObject({
    options: { subscribe: true, stay: false, other_schemes: false, other_client_id: false },
  });
});

test('it fills in live, can be cancelled and run again', async () => {
  await open();
  click('diagnosis-start');
  await settled();
  expect(has('diagnosis-start')).toBe(false);
  engine.diagnosis.reach(4);
  await vi.waitFor(() => expect(byId('diagnosis-stage-tls').dataset['verdict']).toBe('running'));
  click('diagnosis-cancel');
  await settled();
  expect(textOf('diagnosis-verdict')).toBe('Cancelled');
  expect(byId('diagnosis-stage-tls').dataset['verdict']).toBe('cancelled');
  expect(textOf('diagnosis-start')).toBe('Run again');
  click('diagnosis-start');
  await settled();
  engine.diagnosis.finish();
  await settled();
  expect(textOf('diagnosis-verdict')).toBe('The broker can be used');
});

test('a running session is not disturbed, and that is said', async () => {
  await open(true, true);
  expect(has('diagnosis-other-client-id')).toBe(true);
  click('diagnosis-start');
  await settled();
  expect(asked('diagnosis_start')).toMatchObject({ options: { other_client_id: true } });
  expect(names()).not.toContain('session_disconnect');
});

test('a profile without subscriptions has none to make', async () => {
  await open(false);
  expect((byId('diagnosis-subscribe') as HTMLInputElement).disabled).toBe(true);
  click('diagnosis-start');
  await settled();
  expect(asked('diagnosis_start')).toMatchObject({ options: { subscribe: false } });
});

test('a fix is applied, saved and connected with', async () => {
  const id = await open();
  engine.diagnosis.outcome = unknownCa();
  click('diagnosis-start');
  await settled();
  engine.diagnosis.finish();
  await settled();
  click('fix-apply');
  await settled();
  expect(engine.profiles.find((profile) => profile.id === id)?.tls.roots.kind).toBe('pinned');
  expect(
    names()
      .filter((name) => name !== 'profile_check')
      .at(-1),
  ).toBe('session_connect');
  expect(app.place).toEqual({ at: 'profile', id });
});

test('it is found again as it was left', async () => {
  const id = await open();
  click('diagnosis-start');
  await settled();
  await unmount(page);
  engine.diagnosis.finish();
  await settled();
  const profile = app.profiles.byId(id) ?? profileOf(id);
  page = mount(DiagnosePage, { target: document.body, props: { profile } });
  flushSync();
  expect(textOf('diagnosis-verdict')).toBe('The broker can be used');
});
