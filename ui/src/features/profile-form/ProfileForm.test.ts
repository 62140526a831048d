/** The form in a document: what is typed is what is saved, and a stored password is never shown. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Profile } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import { Draft } from './draft.svelte';
import ProfileForm from './ProfileForm.svelte';

let engine: MemoryEngine;
let form: Record<string, unknown>;

beforeEach(async () => {
  engine = new MemoryEngine();
  useBackend(engine);
  await app.start();
});

afterEach(() => unmount(form));

function open(part: Partial<Profile> = {}, isNew = true): void {
  form = mount(ProfileForm, {
    target: document.body,
    props: { draft: new Draft(profileOf('f', part), isNew) },
  });
  flushSync();
}

function find<T extends HTMLElement>(testid: string): T {
  const found = document.querySelector<T>(`[data-testid="${testid}"]`);
  if (!found) throw new Error(`there is no ${testid}`);
  return found;
}

const has = (testid: string) => document.querySelector(`[data-testid="${testid}"]`) !== null;

function type(testid: string, text: string): void {
  const field = find<HTMLInputElement>(testid);
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  flushSync();
}

function choose(testid: string): void {
  find(testid).querySelector('input')?.click();
  flushSync();
}

const click = (testid: string) => {
  find(testid).click();
  flushSync();
};

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

const saved = () => engine.calls.find(({ name }) => name === 'profile_save')?.args;

test('what is typed is saved', async () => {
  open();
  type('profile-name', 'bench');
  choose('profile-scheme-wss');
  type('profile-host', 'broker.example');
  type('profile-user-name', 'lin');
  type('profile-password', 'secret');
  choose('profile-version-3-1-1');
  type('profile-keep-alive', '0');
  click('profile-subscription-add');
  type('profile-subscription-filter-0', 'a/#');
  choose('profile-subscription-qos-0-2');
  click('profile-save');
  await settled();
  expect(saved()).toMatchObject({
    profile: {
      name: 'bench',
      endpoint: { scheme: 'wss', host: 'broker.example', port: 8084, path: '/mqtt' },
      user_name: 'lin',
      version: '3.1.1',
      keep_alive: 0,
      subscriptions: [{ filter: 'a/#', qos: 2 }],
    },
    secrets: [{ slot: 'password', value: 'secret' }],
  });
  expect(app.place).toEqual({ at: 'profile', id: 'f' });
});

test('a stored password is not shown and stays unless it is changed', async () => {
  open({ name: 'x', password: 'f/password' }, false);
  expect(has('profile-password')).toBe(false);
  expect(find('profile-password-stored').textContent).toContain('keychain');
  click('profile-save');
  await settled();
  expect(saved()).toMatchObject({ profile: { password: 'f/password' }, secrets: [] });
});

test('a stored password can be removed, and kept after all', () => {
  open({ password: 'f/password' }, false);
  click('profile-password-clear');
  expect(find('profile-password-stored').dataset['change']).toBe('clear');
  click('profile-password-keep');
  expect(find('profile-password-stored').dataset['change']).toBe('keep');
});

test('TLS is asked for only where there is TLS, and not verifying is said in red words', () => {
  open();
  expect(has('profile-section-tls')).toBe(false);
  choose('profile-scheme-mqtts');
  click('profile-tls-no-verify');
  expect(find('profile-tls-no-verify').closest('.bad')).not.toBeNull();
});

test('a pasted address is taken apart, a pasted host is not', async () => {
  open();
  const paste = (text: string) => {
    const event = new Event('paste', { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { getData: () => text } });
    find('profile-host').dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(paste('broker.example')).toBe(false);
  expect(paste('2001:db8::1')).toBe(false);
  expect(paste('ws://lin@broker.example:9001/ws')).toBe(true);
  await settled();
  flushSync();
  expect(find<HTMLInputElement>('profile-host').value).toBe('broker.example');
  expect(find<HTMLInputElement>('profile-port').value).toBe('9001');
  expect(find<HTMLInputElement>('profile-path').value).toBe('/ws');
  expect(find<HTMLInputElement>('profile-user-name').value).toBe('lin');
});

test('saving goes to the first field that must be mended', async () => {
  open();
  type('profile-port', '0');
  click('profile-save');
  await settled();
  expect(saved()).toBeUndefined();
  expect(document.activeElement).toBe(find('profile-port'));
});

test('a name that looks like HTML is text', () => {
  open({ name: '<img src=x onerror=alert(1)>' }, false);
  expect(document.querySelector('img')).toBeNull();
  expect(find<HTMLInputElement>('profile-name').value).toContain('<img');
});

test('an error in a fold opens it, and a warning is told on its heading', async () => {
  engine.judge = () => [
    { field: 'will.topic', weight: 'error', code: 'required', limit: '', source: '', reason: null },
    {
      field: 'keep_alive',
      weight: 'warning',
      code: 'provider_rule',
      limit: 'A provider',
      source: '',
      reason: { en: 'At least 300 s are advised.', zh: '建议不少于 300 秒。' },
    },
  ];
  const draft = new Draft(profileOf('f', { name: 'x' }), false);
  draft.will.on = true;
  form = mount(ProfileForm, { target: document.body, props: { draft } });
  flushSync();
  const fold = (id: string) => find<HTMLDetailsElement>(`profile-section-${id}`);
  expect(fold('will').open).toBe(false);
  await draft.judge();
  flushSync();
  expect(fold('will').open).toBe(true);
  expect(fold('mqtt').open).toBe(false);
  expect(has('profile-section-mqtt-warnings')).toBe(true);
  expect(find('profile-keep-alive-problem').textContent).toContain('300 s are advised');
});

test('a problem of a field that the form does not know is told at its top', async () => {
  engine.judge = () => [
    { field: 'new.one', weight: 'error', code: 'required', limit: '', source: '', reason: null },
  ];
  const draft = new Draft(profileOf('f', { name: 'x' }), false);
  form = mount(ProfileForm, { target: document.body, props: { draft } });
  await draft.judge();
  flushSync();
  expect(find('profile-problem').textContent).toContain('new.one');
});

test('where there is no keychain, the file that takes the secret is named', async () => {
  engine.secretStore = { kind: 'file', path: '/home/lin/.config/mqttscope/secrets.json' };
  await app.start();
  open();
  type('profile-password', 'x');
  const field = find('profile-password').closest('.field');
  expect(field?.textContent).toContain('/home/lin/.config/mqttscope/secrets.json');
  expect(field?.textContent).toContain('0600');
});

test('a key log is warned of while it is on', () => {
  open({ endpoint: { scheme: 'mqtts', host: 'h', port: 8883, path: '/mqtt' } });
  expect(has('profile-key-log-warning')).toBe(false);
  type('profile-key-log', '/tmp/keys.log');
  expect(find('profile-key-log-warning').textContent).toContain('/tmp/keys.log');
});

test('a preset that is chosen, answered and filled in is what is saved', async () => {
  open();
  await settled();
  flushSync();
  const list = find<HTMLSelectElement>('profile-preset');
  list.selectedIndex = 1;
  list.dispatchEvent(new Event('change', { bubbles: true }));
  flushSync();
  expect(find<HTMLButtonElement>('profile-preset-fill').disabled).toBe(true);
  type('profile-preset-ask-product', 'p');
  type('profile-preset-ask-device', 'd');
  type('profile-preset-ask-secret', 's');
  click('profile-preset-fill');
  await settled();
  flushSync();
  expect(find('profile-preset-changes').textContent).toContain('p.d');
  type('profile-name', 'n');
  click('profile-save');
  await settled();
  expect(saved()).toMatchObject({
    profile: { preset: 'ucloud-uiot', client_id: 'p.d', version: '3.1.1' },
    secrets: [{ slot: 'password', value: 's' }],
  });
});

test('Escape in the dialog of a preset does not leave the form', async () => {
  open();
  const place = app.place;
  click('profile-preset-save');
  await settled();
  const field = find('profile-preset-name');
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  flushSync();
  expect(app.place).toEqual(place);
  type('profile-preset-name', 'Plant');
  click('profile-preset-save-confirm');
  await settled();
  flushSync();
  expect(engine.presets.own.map(({ name }) => name.en)).toEqual(['Plant']);
  expect(has('profile-preset-save-dialog')).toBe(false);
});
