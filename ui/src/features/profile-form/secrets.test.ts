/** Edits of secrets: each for its slot, only where the profile has a place for it, and in the form it is kept in. */
import { beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Profile } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import { asBase64 } from './authentication-draft.svelte';
import { Draft } from './draft.svelte';

let engine: MemoryEngine;

beforeEach(async () => {
  engine = new MemoryEngine();
  useBackend(engine);
  await app.start();
});

const editing = (part: Partial<Profile> = {}) => new Draft(profileOf('s', part), false);

test('a stored secret stays unless something is said, and what was said can be taken back', () => {
  const draft = editing({ password: 's/password' });
  expect(draft.secrets.isStored('password')).toBe(true);
  expect(draft.secretEdits()).toEqual([]);
  draft.secrets.set('password', 'new');
  expect(draft.secretEdits()).toEqual([{ slot: 'password', value: 'new' }]);
  draft.secrets.clear('password');
  expect(draft.secretEdits()).toEqual([{ slot: 'password', value: null }]);
  draft.secrets.keep('password');
  expect(draft.secretEdits()).toEqual([]);
  expect(draft.isDirty).toBe(false);
});

test('emptying a field where nothing is stored is no edit', () => {
  const draft = editing();
  draft.secrets.set('password', 'x');
  draft.secrets.set('password', '');
  expect(draft.secretEdits()).toEqual([]);
});

test('an edit waits while the profile has no place for it', () => {
  const draft = editing();
  draft.proxy.kind = 'http';
  draft.secrets.set('proxy_password', 'pw');
  draft.proxy.kind = 'none';
  expect(draft.secretEdits()).toEqual([]);
  draft.proxy.kind = 'socks5';
  expect(draft.secretEdits()).toEqual([{ slot: 'proxy_password', value: 'pw' }]);
});

test('key, archive and passphrase belong to the certificate that is chosen', () => {
  const draft = editing();
  draft.secrets.set('private_key', 'PEM');
  draft.secrets.set('pkcs12', 'AAEC\nAwQ=');
  draft.secrets.set('key_passphrase', 'open');
  const slots = () => draft.secretEdits().map(({ slot }) => slot);
  draft.tls.client = 'pem';
  expect(slots()).toEqual(['key_passphrase']);
  draft.tls.keyFrom = 'stored';
  expect(slots()).toEqual(['key_passphrase', 'private_key']);
  draft.tls.client = 'pkcs12';
  draft.tls.archiveFrom = 'stored';
  expect(draft.secretEdits()).toContainEqual({ slot: 'pkcs12', value: 'AAECAwQ=' });
});

test.each([
  ['text', 'é', 'w6k='],
  ['hex', 'c0 FF ee', 'wP/u'],
  ['base64', 'wP/u', 'wP/u'],
  ['hex', 'c0f', undefined],
  ['base64', 'w', undefined],
] as const)('authentication data as %s: %j', (format, typed, kept) => {
  expect(asBase64(typed, format)).toBe(kept);
});

test('authentication data that stands for no bytes is refused at its field', () => {
  const draft = editing();
  draft.authentication.method = 'other';
  draft.authentication.dataFormat = 'hex';
  draft.secrets.set('authentication_data', 'xyz');
  expect(draft.secretEdits()).toEqual([]);
  expect(draft.say('authentication.data').tone).toBe('bad');
  draft.secrets.set('authentication_data', '01 02');
  expect(draft.secretEdits()).toEqual([{ slot: 'authentication_data', value: 'AQI=' }]);
  expect(draft.hasErrors).toBe(false);
});

test("a header's secret follows its row while the name is typed", () => {
  const draft = editing();
  const [one, two] = [draft.headers.add('a', 'stored'), draft.headers.add('', 'stored')];
  draft.secrets.set(one.place, '1');
  draft.secrets.set(two.place, '2');
  two.name = 'a';
  two.name = ' Ab ';
  expect(draft.secretEdits()).toEqual([
    { slot: 'header:a', value: '1' },
    { slot: 'header:ab', value: '2' },
  ]);
  draft.headers.remove(0);
  expect(draft.secretEdits()).toEqual([{ slot: 'header:ab', value: '2' }]);
});

test('a secret for a header goes to the row of that name, or to a new one', () => {
  const draft = editing();
  draft.headers.add('Authorization', 'stored');
  draft.setSecret('header:authorization', 'Bearer x');
  draft.setSecret('header:cookie', 'c=1');
  expect(draft.headers.rows.map(({ name }) => name)).toEqual(['Authorization', 'cookie']);
  expect(draft.secretEdits()).toEqual([
    { slot: 'header:authorization', value: 'Bearer x' },
    { slot: 'header:cookie', value: 'c=1' },
  ]);
});

test('saving passes the edits on, and the profile never holds a value', async () => {
  const draft = editing({ name: 'x' });
  draft.proxy.kind = 'http';
  draft.secrets.set('password', 'planted-one');
  draft.secrets.set('proxy_password', 'planted-two');
  const saved = await draft.save();
  expect(saved?.password).toBe('s/password');
  expect(saved?.proxy).toMatchObject({ server: { password: 's/proxy_password' } });
  const call = engine.calls.find(({ name }) => name === 'profile_save')?.args as {
    profile: unknown;
  };
  expect(JSON.stringify(call.profile)).not.toContain('planted');
});
