/** A profile while it is edited. */
import { beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Problem, Profile } from '$src/bindings/engine';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import { Draft } from './draft.svelte';

let engine: MemoryEngine;

beforeEach(() => {
  engine = new MemoryEngine();
  useBackend(engine);
});

const problem = (field: string, part: Partial<Problem> = {}): Problem => ({
  field,
  weight: 'error',
  code: 'required',
  limit: '',
  source: '',
  reason: null,
  ...part,
});

const newDraft = () => new Draft(profileOf('n'), true);
const editing = (part: Partial<Profile>) => new Draft(profileOf('e', part), false);

test('the port follows the scheme until it is edited by hand', () => {
  const draft = newDraft();
  const ports = (['mqtts', 'ws', 'wss', 'mqtt'] as const).map((scheme) => {
    draft.setScheme(scheme);
    return draft.toProfile().endpoint.port;
  });
  expect(ports).toEqual([8883, 8083, 8084, 1883]);
  draft.numbers.port = '11883';
  draft.setPort('11883');
  draft.setScheme('wss');
  expect(draft.toProfile().endpoint.port).toBe(11_883);
});

test('a saved port of its own does not follow either', () => {
  const endpoint = { scheme: 'mqtt' as const, host: 'h', port: 1884, path: '/mqtt' };
  const draft = editing({ endpoint });
  draft.setScheme('mqtts');
  expect(draft.toProfile().endpoint.port).toBe(1884);
});

test('a number beyond its type is refused with the limit and its source', () => {
  const draft = newDraft();
  draft.numbers.port = '70000';
  draft.touch('endpoint.port');
  expect(draft.hasErrors).toBe(true);
  expect(draft.say('endpoint.port')).toMatchObject({ tone: 'bad' });
  expect(draft.say('endpoint.port').problem).toContain('65,535');
  expect(draft.say('endpoint.port').problem).toContain('RFC 6335');
  expect(draft.toProfile().endpoint.port).toBe(1883);
});

test.each(['', '1.5', '-1', '1e3', '99999999999', 'abc'])('%j is no keep alive', (text) => {
  const draft = newDraft();
  draft.numbers.keepAlive = text;
  expect(draft.problems.map(({ field }) => field)).toEqual(['keep_alive']);
});

test('a field that does not count as things stand hinders nothing', () => {
  const draft = newDraft();
  draft.numbers.sessionExpiry = 'x';
  draft.numbers.jitter = 'x';
  draft.profile.version = '3.1.1';
  draft.profile.reconnect.enabled = false;
  expect(draft.hasErrors).toBe(false);
});

test('no limit of attempts is an empty field', () => {
  const draft = newDraft();
  expect(draft.numbers.maxAttempts).toBe('');
  draft.numbers.maxAttempts = '5';
  expect(draft.toProfile().reconnect.max_attempts).toBe(5);
  draft.numbers.maxAttempts = '';
  expect(draft.toProfile().reconnect.max_attempts).toBeNull();
});

test('a pasted address fills in the fields', async () => {
  const draft = newDraft();
  expect(await draft.fill(' wss://lin:pw@broker.example:9001/ws ')).toBe(true);
  expect(draft.toProfile()).toMatchObject({
    endpoint: { scheme: 'wss', host: 'broker.example', port: 9001, path: '/ws' },
    user_name: 'lin',
  });
  expect(draft.secretEdits()).toEqual([{ slot: 'password', value: 'pw' }]);
  draft.setScheme('mqtt');
  expect(draft.toProfile().endpoint.port).toBe(9001);
});

test('what an address leaves open is told where it now stands', async () => {
  const draft = newDraft();
  await draft.fill('wss://broker.example/ws');
  expect(draft.toProfile().endpoint).toMatchObject({ scheme: 'wss', port: 8084 });
  expect(draft.say('endpoint.port')).toMatchObject({ tone: 'changed' });
  expect(draft.say('endpoint.port').problem).toContain('443');
  expect(draft.say('endpoint.scheme')).toEqual({});
  draft.setPort('443');
  expect(draft.say('endpoint.port')).toEqual({});
  await draft.fill('mqtts://broker.example:8883');
  expect(draft.say('endpoint.port')).toEqual({});
});

test('text that is no address changes nothing', async () => {
  const draft = newDraft();
  expect(await draft.fill('not an address')).toBe(false);
  expect(draft.isDirty).toBe(false);
});

test('a new profile does not complain before it is touched, and says everything on saving', async () => {
  engine.judge = () => [problem('name')];
  const draft = newDraft();
  await draft.judge();
  expect(draft.say('name')).toEqual({});
  expect(await draft.save()).toBeUndefined();
  expect(draft.say('name').problem).toBeTruthy();
  expect(engine.calls.some(({ name }) => name === 'profile_save')).toBe(false);
});

test('a warning hinders nothing', async () => {
  engine.judge = () => [problem('tls.verify', { weight: 'warning', code: 'verification_off' })];
  const draft = editing({ name: 'x' });
  expect((await draft.save())?.id).toBe('e');
  expect(draft.say('tls.verify').tone).toBe('warn');
});

test('the engine judges with the secrets that there will be', async () => {
  const draft = editing({ password: 'e/password' });
  await draft.judge();
  draft.secrets.clear('password');
  await draft.judge();
  const asked = engine.calls.filter(({ name }) => name === 'profile_check');
  expect(asked.map(({ args }) => args)).toMatchObject([
    { secrets: [] },
    { secrets: [{ slot: 'password', value: null }] },
  ]);
});

test('a problem is shown at its field, or at the nearest one around it', async () => {
  engine.judge = () => [
    problem('tls.client_certificate.key.path'),
    problem('connect_properties.user_properties.1.name'),
    problem('will', { weight: 'warning', code: 'verification_off' }),
    problem('tls.roots.kind'),
    problem('something.new'),
  ];
  const draft = editing({});
  await draft.judge();
  expect(draft.say('tls.client_certificate.key').tone).toBe('bad');
  expect(draft.say('connect_properties.user_properties.1.name').tone).toBe('bad');
  expect(draft.say('connect_properties.user_properties.0.name')).toEqual({});
  expect(draft.say('will', true).tone).toBe('warn');
  expect(draft.say('tls.roots', true).tone).toBe('bad');
  expect(draft.say('connect_properties.user_properties', true)).toEqual({});
  expect(draft.verdicts.count(['connect_properties', 'will'])).toEqual({ error: 1, warning: 1 });
  const elsewhere = draft.verdicts.elsewhere(['tls', 'connect_properties', 'will']);
  expect(elsewhere.map(({ field }) => field)).toEqual(['something.new']);
});

test('what is saved is judged as it stands, although it was asked for while it was typed too', async () => {
  engine.judge = (profile) => (profile.name === '' ? [problem('name')] : []);
  const draft = editing({ name: '' });
  await draft.judge();
  draft.profile.name = 'x';
  const saved = draft.save();
  const typed = draft.judge();
  expect((await saved)?.name).toBe('x');
  await typed;
});

test('an answer that comes late does not replace a later one', async () => {
  const draft = editing({});
  engine.judge = (profile) => (profile.name === '' ? [problem('name')] : []);
  const first = draft.judge();
  draft.profile.name = 'x';
  await Promise.all([first, draft.judge()]);
  expect(draft.hasErrors).toBe(false);
});
