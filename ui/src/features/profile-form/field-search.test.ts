/** A field is found by the name that a person knows, and every entry leads to a field of the form. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Profile } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { newSubscription } from '$src/state/subscription';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import { Draft } from './draft.svelte';
import { FIELDS } from './field-names';
import { entryOf, findFields } from './field-search';
import { at } from './paths';
import ProfileForm from './ProfileForm.svelte';
import { controlOf } from './reveal';

let form: Record<string, unknown> | undefined;

beforeEach(async () => {
  useBackend(new MemoryEngine());
  await app.start();
});

afterEach(async () => {
  if (form) await unmount(form);
  form = undefined;
});

function open(draft: Draft): HTMLElement {
  form = mount(ProfileForm, { target: document.body, props: { draft } });
  flushSync();
  return document.body;
}

const first = (text: string) => findFields(text)[0]?.entry.field;

test.each([
  ['clean', 'clean_start'],
  ['Clean Session', 'clean_start'],
  ['reconnectPeriod', 'reconnect.first_delay_ms'],
  ['rejectUnauthorized', 'tls.verify'],
  ['connectTimeout', 'connect_timeout'],
  ['protocolVersion', 'version'],
  ['keepalive', 'keep_alive'],
  ['keep alive', 'keep_alive'],
  ['wsOptions.headers', 'websocket.headers'],
  ['ALPNProtocols', 'tls.alpn'],
  ['servername', 'tls.server_name'],
  ['ca', 'tls.roots.paths'],
  ['cert', 'tls.client_certificate.certificate'],
  ['key', 'tls.client_certificate.key'],
  ['pfx', 'tls.client_certificate.archive'],
  ['passphrase', 'tls.client_certificate.passphrase'],
  ['minVersion', 'tls.min_version'],
  ['will.topic', 'will.topic'],
  ['will.properties.willDelayInterval', 'will.properties.delay_interval'],
  ['properties.receiveMaximum', 'connect_properties.receive_maximum'],
  ['properties.sessionExpiryInterval', 'session_expiry'],
  ['--cafile', 'tls.roots.paths'],
  ['--insecure', 'tls.verify'],
  ['--will-topic', 'will.topic'],
  ['-x', 'session_expiry'],
  ['SSLKEYLOGFILE', 'tls.key_log_file'],
  ['Authentication Data', 'authentication.data'],
  ['socks', 'proxy'],
  ['nl', 'subscriptions.no_local'],
  ['rap', 'subscriptions.retain_as_published'],
  ['--retain-as-published', 'subscriptions.retain_as_published'],
  ['rh', 'subscriptions.retain_handling'],
  ['Retain Handling', 'subscriptions.retain_handling'],
  ['subscriptionIdentifier', 'subscriptions.identifier'],
  ['alias', 'subscriptions.name'],
  ['autoUseTopicAlias', 'automatic_topic_alias'],
])('%j leads to %s', (text, field) => {
  expect(first(text)).toBe(field);
});

test('blanks and nonsense find nothing', () => {
  expect(findFields('  ')).toEqual([]);
  expect(findFields('zzzzqq')).toEqual([]);
});

test('every path of a profile has an entry, and every entry a path', () => {
  const paths = (whole: object, base = ''): string[] =>
    Object.entries(whole).flatMap(([name, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? paths(value, `${base}${name}.`)
        : [`${base}${name}`],
    );
  const unnamed = paths(profileOf('x')).filter((path) => !entryOf(path));
  expect(unnamed).toEqual(['id', 'follows_local_broker', 'replies']);
  expect(new Set(FIELDS.map(({ field }) => field)).size).toBe(FIELDS.length);
  expect(
    FIELDS.filter(({ field }) => at(profileOf('x'), field.split('.')[0] ?? '') === undefined),
  ).toEqual([]);
});

test('every entry leads to a control of a new profile', () => {
  const body = open(new Draft(profileOf('x'), true));
  expect(FIELDS.filter((entry) => !controlOf(body, entry))).toEqual([]);
});

const kinds: Partial<Profile>[] = [
  { endpoint: { scheme: 'wss', host: 'h', port: 443, path: '/' } },
  { endpoint: { scheme: 'mqtts', host: 'h', port: 443, path: '/' } },
];

test('every entry leads to its own control where that control shows', async () => {
  const missing = new Set(FIELDS.map(({ testids }) => testids[0]));
  const variants: ((draft: Draft) => void)[] = [
    (draft) => {
      draft.will.on = true;
      draft.profile.subscriptions.push(newSubscription('a/#', 0));
      draft.tls.roots = 'ca_files';
      draft.tls.client = 'pem';
      draft.proxy.kind = 'http';
      draft.authentication.method = 'other';
    },
    (draft) => {
      draft.tls.roots = 'ca_pem';
      draft.tls.client = 'pkcs12';
      draft.authentication.method = 'scram';
    },
    (draft) => (draft.tls.roots = 'pinned'),
  ];
  for (const part of kinds) {
    for (const vary of variants) {
      const draft = new Draft(profileOf('x', part), true);
      vary(draft);
      const body = open(draft);
      for (const testid of missing) {
        if (body.querySelector(`[data-testid="${testid}"]`)) missing.delete(testid);
      }
      if (form) await unmount(form);
      form = undefined;
    }
  }
  expect([...missing]).toEqual([]);
});

function type(text: string): HTMLInputElement {
  const input = document.querySelector<HTMLInputElement>('[data-testid=profile-find]');
  if (!input) throw new Error('there is no search');
  input.focus();
  input.value = text;
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  flushSync();
  return input;
}

const press = (input: HTMLElement, key: string) => {
  input.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  flushSync();
};

test('Enter unfolds the section and puts the focus on the field', () => {
  open(new Draft(profileOf('x'), true));
  const fold = document.querySelector<HTMLDetailsElement>('[data-testid=profile-section-mqtt]');
  expect(fold?.open).toBe(false);
  press(type('connectTimeout'), 'Enter');
  expect(fold?.open).toBe(true);
  expect(document.activeElement?.getAttribute('data-testid')).toBe('profile-connect-timeout');
});

test('arrows choose among the results, and Escape clears without leaving the form', () => {
  open(new Draft(profileOf('x'), true));
  const place = app.place;
  const input = type('proxy');
  const chosen = () =>
    document.querySelector('[role=option][aria-selected=true]')?.getAttribute('data-field');
  const before = chosen();
  press(input, 'ArrowDown');
  expect(chosen()).not.toBe(before);
  press(input, 'ArrowUp');
  expect(chosen()).toBe(before);
  press(input, 'Escape');
  expect(input.value).toBe('');
  expect(app.place).toEqual(place);
});

test('a field that does not show yet leads to what makes it show, and says so', () => {
  open(new Draft(profileOf('x'), true));
  press(type('will.topic'), 'Enter');
  expect(document.activeElement?.getAttribute('data-testid')).toBe('profile-will-on');
  expect(document.querySelector('[data-testid=profile-find-waits]')).not.toBeNull();
});
