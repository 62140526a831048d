/** What is typed for one kind waits while another one is chosen; what is chosen is what is saved. */
import { beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Profile, Will } from '$src/bindings/engine';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import { Draft } from './draft.svelte';

beforeEach(() => useBackend(new MemoryEngine()));

const newDraft = (part: Partial<Profile> = {}) => new Draft(profileOf('n', part), true);
const base = profileOf('n');

const will: Will = {
  topic: 't',
  payload: { from: 'typed', typed: { format: 'base64', text: '/wA=' } },
  qos: 1,
  retain: true,
  properties: {
    delay_interval: 5,
    payload_is_utf8: false,
    message_expiry: null,
    content_type: 'text/plain',
    response_topic: null,
    correlation_data: { format: 'hex', text: 'c0 ff ee' },
    user_properties: [
      { name: 'a', value: '1' },
      { name: 'a', value: '2' },
    ],
  },
};

/** Every field with something in it, each alternative in one of the two. */
const full: Partial<Profile>[] = [
  {
    name: 'full',
    colour: 'teal',
    preset: 'ucloud-uiot',
    endpoint: { scheme: 'wss', host: 'h', port: 443, path: '/mqtt?x=1' },
    password: 'n/password',
    connect_properties: {
      receive_maximum: 10,
      maximum_packet_size: 1_000_000,
      topic_alias_maximum: 0,
      request_response_information: true,
      request_problem_information: false,
      user_properties: [{ name: 'k', value: 'v' }],
    },
    authentication: { method: 'other', name: 'K8S-SAT', data: 'n/authentication_data' },
    address_family: 'only_ipv6',
    proxy: {
      kind: 'socks5',
      server: { host: 'p', port: 1080, user_name: 'u', password: 'n/proxy_password' },
    },
    tls: {
      ...base.tls,
      roots: { kind: 'ca_files', paths: ['/a.pem', '/b.pem'] },
      client_certificate: {
        kind: 'pem',
        certificate: { from: 'text', pem: 'PEM' },
        key: { from: 'stored', secret: 'n/private_key' },
        passphrase: 'n/key_passphrase',
      },
      alpn: ['mqtt', 'x'],
      min_version: '1.3',
      key_log_file: '/keys.log',
    },
    websocket: {
      headers: [
        { name: 'X-A', value: { from: 'text', text: '1' } },
        { name: 'Authorization', value: { from: 'stored', secret: 'n/header:authorization' } },
      ],
      subprotocols: ['mqtt', 'other'],
      require_subprotocol: false,
    },
    will,
  },
  {
    authentication: { method: 'scram', hash: 'SHA-512' },
    proxy: { kind: 'http', server: { host: 'p', port: 3128, user_name: '', password: null } },
    tls: {
      ...base.tls,
      roots: { kind: 'pinned', sha256: ['ab', 'cd'] },
      client_certificate: {
        kind: 'pkcs12',
        archive: { from: 'stored', secret: null },
        passphrase: null,
      },
    },
    will: { ...will, payload: { from: 'file', path: '/payload' } },
  },
  {
    proxy: { kind: 'system' },
    tls: {
      ...base.tls,
      roots: { kind: 'ca_pem', pem: 'PEM' },
      client_certificate: {
        kind: 'pem',
        certificate: { from: 'file', path: '/c.pem' },
        key: { from: 'file', path: '/k.pem' },
        passphrase: null,
      },
    },
  },
];

test.each(full)('a profile that is opened and saved stays as it is (%#)', (part) => {
  const draft = newDraft(part);
  expect(draft.toProfile()).toEqual(profileOf('n', part));
  expect(draft.isDirty).toBe(false);
  expect(draft.secretEdits()).toEqual([]);
});

test('a look at other roots and certificates loses nothing', () => {
  const draft = newDraft(full[0]);
  const before = draft.toProfile();
  draft.tls.roots = 'pinned';
  draft.tls.sha256[0] = 'ab:cd';
  draft.tls.client = 'none';
  expect(draft.toProfile().tls).toMatchObject({
    roots: { kind: 'pinned', sha256: ['ab:cd'] },
    client_certificate: null,
  });
  draft.tls.roots = 'ca_files';
  draft.tls.client = 'pem';
  expect(draft.toProfile()).toEqual(before);
});

test('a proxy that is switched off and on again keeps host, port and user name', () => {
  const draft = newDraft(full[0]);
  const before = draft.toProfile().proxy;
  draft.proxy.kind = 'none';
  expect(draft.toProfile().proxy).toEqual({ kind: 'none' });
  draft.proxy.kind = 'socks5';
  expect(draft.toProfile().proxy).toEqual(before);
});

test('a proxy has the usual port until another is typed, and a wrong one is refused only while it counts', () => {
  const draft = newDraft();
  draft.proxy.kind = 'http';
  expect(draft.toProfile().proxy).toMatchObject({ server: { port: 3128 } });
  draft.numbers.proxyPort = '0';
  expect(draft.problems.map(({ field }) => field)).toEqual(['proxy.server.port']);
  draft.proxy.kind = 'system';
  expect(draft.hasErrors).toBe(false);
});

test('a Will Message that is switched off keeps all that was typed', () => {
  const draft = newDraft({ will });
  draft.will.on = false;
  expect(draft.toProfile().will).toBeNull();
  draft.will.on = true;
  draft.will.from = 'file';
  draft.will.path = '/payload';
  expect(draft.toProfile().will?.payload).toEqual({ from: 'file', path: '/payload' });
  draft.will.from = 'typed';
  expect(draft.toProfile().will).toEqual(will);
});

test('what is empty is none', () => {
  const draft = newDraft({ ...full[0] });
  for (const name of ['receiveMaximum', 'maximumPacketSize', 'topicAliasMaximum'] as const) {
    draft.numbers[name] = ' ';
  }
  draft.numbers.willDelay = '';
  draft.will.contentType = '';
  draft.will.correlation.text = '';
  const { connect_properties: properties, will: now } = draft.toProfile();
  expect(properties).toMatchObject({
    receive_maximum: null,
    maximum_packet_size: null,
    topic_alias_maximum: null,
  });
  expect(now?.properties).toMatchObject({
    delay_interval: null,
    content_type: null,
    correlation_data: null,
  });
});

test('a header goes from text to secret and back without losing its text', () => {
  const draft = newDraft(full[0]);
  const row = draft.headers.rows[0];
  if (!row) throw new Error('there is no header');
  row.from = 'stored';
  expect(draft.toProfile().websocket.headers[0]?.value).toEqual({ from: 'stored', secret: null });
  row.from = 'text';
  expect(draft.toProfile().websocket.headers[0]?.value).toEqual({ from: 'text', text: '1' });
});
