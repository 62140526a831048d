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
