/** A diagnosis from its start to its end: events, ends that come early, and starts that are taken back. */
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';

import { MemoryEngine, profileOf, snapshotOf, subscriptionOf, userError } from '../../tests/memory';
import { unknownCa } from '../../tests/reports';
import { App } from './app.svelte';
import { DiagnosisRun } from './diagnosis.svelte';
import { SessionReport } from './diagnosis-session.svelte';
import { Diagnosing } from './diagnosing.svelte';

let engine: MemoryEngine;
let run: DiagnosisRun;
const profile = profileOf('a');
const settled = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
};
const calls = (name: string) => engine.calls.filter((each) => each.name === name);
const running = () => run.report?.account?.attempt.stages.at(-1)?.stage;

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = [profile];
  useBackend(engine);
  await new App().start();
  run = new DiagnosisRun();
});

afterEach(() => run.close());

test('the report is pulled as events tell, and the end is one of them', async () => {
  await run.start(profile);
  await settled();
  expect(run.busy).toBe(true);
  expect(running()).toBe('settings');
  engine.diagnosis.finish();
  await settled();
  expect(run.busy).toBe(false);
  expect(run.report?.diagnosis?.verdict).toBe('ok');
});

test('many events are one pull', async () => {
  await run.start(profile);
  await settled();
  for (let times = 0; times < 50; times += 1) engine.diagnosis.reach(3);
  engine.diagnosis.finish();
  await settled();
  expect(calls('diagnosis_report').length).toBeLessThan(4);
});

test('secrets and options go along', async () => {
  const secrets = [{ slot: 'password' as const, value: 's3cret' }];
  const options = { subscribe: true, stay: false, other_schemes: true, other_client_id: true };
  await run.start(profile, secrets, options);
  expect(calls('diagnosis_start')[0]?.args).toEqual({ profile, secrets, options });
});

test('an end that is told before the start is answered is not lost', async () => {
  const { call } = engine;
  engine.call = async (name, args) => {
    const answer = await call.call(engine, name, args);
    if (name === 'diagnosis_start') engine.diagnosis.finish();
    return answer;
  };
  await run.start(profile);
  await settled();
  expect(run.busy).toBe(false);
  expect(run.report?.diagnosis?.verdict).toBe('ok');
});

test('what was seen stays when it is cancelled', async () => {
  await run.start(profile);
  engine.diagnosis.reach(3);
  await settled();
  await run.cancel();
  await settled();
  expect(run.busy).toBe(false);
  expect(run.report?.diagnosis?.verdict).toBe('cancelled');
  expect(run.report?.account?.attempt.stages.length).toBeGreaterThan(0);
});

test('a start that is taken back before its answer ends in the engine too', async () => {
  const started = run.start(profile);
  await run.cancel();
  await started;
  await settled();
  expect(run.busy).toBe(false);
  expect(calls('diagnosis_cancel').length).toBe(1);
});

test('a second start ends the first one, whose events count no more', async () => {
  await run.start(profile);
  await settled();
  const first = run.id;
  await run.start(profile);
  await settled();
  expect(calls('diagnosis_cancel').map(({ args }) => args)).toEqual([{ diagnosis: first }]);
  expect(run.busy).toBe(true);
});

test('a diagnosis that cannot be begun says why', async () => {
  const { call } = engine;
  engine.call = (name, args) =>
    name === 'diagnosis_start'
      ? Promise.reject(userError('secret.unavailable'))
      : call.call(engine, name, args);
  await run.start(profile);
  expect(run.error?.code).toBe('secret.unavailable');
  expect(run.busy).toBe(false);
});

test('what is asked for follows the profile and the session', () => {
  const diagnosing = new Diagnosing();
  diagnosing.stay = true;
  const idle = profileOf('b', { keep_alive: 0 });
  expect(diagnosing.optionsFor(idle, false)).toEqual({
    subscribe: false,
    stay: false,
    other_schemes: false,
    other_client_id: false,
  });
  const full = profileOf('b', { subscriptions: [subscriptionOf('#')] });
  expect(diagnosing.optionsFor(full, true)).toMatchObject({
    subscribe: true,
    stay: true,
    other_client_id: true,
  });
});

const lost = userError('mqtt.connection_lost');
const waiting = (attempt: number) =>
  snapshotOf('a', { state: 'waiting', until_ms: 0, attempt, error: lost });
const connecting = (attempt: number) =>
  snapshotOf('a', { state: 'connecting', stage: 'tcp', attempt });

test('what a failure said stays while the next attempts run, and goes with the connection', async () => {
  engine.diagnosis.sessions.set('a', unknownCa());
  const report = new SessionReport('a');
  report.follow(waiting(2));
  await settled();
  expect(report.failure?.diagnosis?.stage).toBe('tls');
  engine.diagnosis.sessions.set('a', { ...unknownCa(), diagnosis: null });
  report.follow(connecting(2));
  await settled();
  expect(report.failure?.diagnosis?.stage).toBe('tls');
  report.follow(connecting(1));
  expect(report.failure).toBeNull();
  report.stop();
});

test('traffic alone asks for no report', async () => {
  const report = new SessionReport('a');
  report.follow(waiting(2));
  await settled();
  const traffic = { ...waiting(2).traffic, received: 7 };
  report.follow({ ...waiting(2), traffic });
  await settled();
  expect(calls('session_report').length).toBe(1);
  report.stop();
});
