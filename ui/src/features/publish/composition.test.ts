import { beforeEach, expect, it, vi } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { ConnackInfo, SessionSnapshot } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { connackOf, profileOf, snapshotOf } from '../../../tests/memory';

import { Composition } from './composition.svelte';

const calls: [string, unknown][] = [];

function connect(profile: string, connack: Partial<ConnackInfo> = {}) {
  const state: SessionSnapshot['state'] = {
    state: 'connected',
    since_ms: 0,
    took_ms: 1,
    address: '',
    tls: null,
    connack: connackOf(connack),
  };
  app.sessions.changed(snapshotOf(profile, state));
}

let number = 0;
function compose(connack?: Partial<ConnackInfo>): Composition {
  number += 1;
  const composition = new Composition(`p${number}`);
  if (connack) connect(composition.profile, connack);
  return composition;
}

beforeEach(() => {
  calls.length = 0;
  useBackend({
    call: (name: string, args: unknown) => {
      calls.push([name, args]);
      const isNumber = name !== 'history_message';
      return Promise.resolve(isNumber ? 7 : { row: { outcome: null } });
    },
  } as unknown as Backend);
});

it('explains why it cannot send, one thing at a time', () => {
  const composition = compose();
  expect(composition.hindrance).toContain('Not connected');
  connect(composition.profile);
  expect(composition.hindrance).toBe('Enter a topic.');
  expect(composition.badTopic).toBe(false);
  composition.draft.topic = 'a/#';
  expect(composition.hindrance).toContain('MQTT-3.3.2-2');
  expect(composition.badTopic).toBe(true);
  composition.draft.topic = 'a/b';
  composition.draft.text = '{"a": }';
  expect(composition.hindrance).toContain('Line 1, column 7');
  composition.draft.text = '{"a": 127.0}';
  expect(composition.hindrance).toBeNull();
  expect(composition.size).toBe(12);
});

it('keeps to what the broker takes', () => {
  const composition = compose({ maximum_qos: 1, retain_available: false });
  composition.draft.topic = 't';
  composition.draft.qos = 2;
  expect(composition.hindrance).toContain('QoS 1');
  composition.draft.qos = 1;
  composition.draft.retain = true;
  expect(composition.hindrance).toContain('retained');
  composition.draft.retain = false;
  expect(composition.hindrance).toBeNull();
});

it('sends what was typed, and nothing while it is hindered', () => {
  const composition = compose();
  composition.draft.topic = 't';
  composition.draft.format = 'hex';
  composition.draft.text = 'ff 00';
  composition.send();
  expect(calls).toEqual([]);
  connect(composition.profile);
  composition.send();
  const publish = { topic: 't', qos: 0, retain: false, payload: { base64: '/wA=' } };
  expect(calls).toEqual([['session_publish', { profile: composition.profile, publish }]]);
});

it('keeps the draft of each profile', () => {
  const first = compose();
  const second = compose();
  first.draft.topic = 'one';
  second.draft.topic = 'two';
  expect(new Composition(first.profile).draft.topic).toBe('one');
  expect(new Composition(second.profile).draft.topic).toBe('two');
});

it('sends the properties that were typed, and none before MQTT 5.0', () => {
  const composition = compose({});
  composition.draft.topic = 't';
  composition.draft.properties.contentType = 'text/plain';
  composition.draft.properties.user.push({ name: 'a', value: '1' }, { name: 'a', value: '2' });
  composition.send();
  expect(calls[0]).toMatchObject([
    'session_publish',
    {
      publish: {
        properties: [
          { name: 'user_property', value: ['a', '1'] },
          { name: 'user_property', value: ['a', '2'] },
          { name: 'content_type', value: 'text/plain' },
        ],
      },
    },
  ]);
  app.profiles.list = [profileOf(composition.profile, { version: '3.1.1' })];
  composition.draft.properties.expiry = 'x';
  expect(composition.hindrance).toBeNull();
  calls.length = 0;
  composition.publishing.busy = false;
  composition.send();
  expect(calls[0]).toEqual([
    'session_publish',
    {
      profile: composition.profile,
      publish: { topic: 't', qos: 0, retain: false, payload: { text: '' } },
    },
  ]);
});

it('says what a property breaks, by its name', () => {
  const composition = compose({ topic_alias_maximum: 10 });
  composition.draft.topic = 't';
  composition.draft.properties.topicAlias = '11';
  expect(composition.problems.topicAlias).toContain('1 to 10');
  expect(composition.hindrance).toContain('Topic Alias');
  connect(composition.profile, {});
  expect(composition.problems.topicAlias).toContain('takes no Topic Alias');
  composition.draft.properties.topicAlias = '';
  composition.draft.properties.responseTopic = 'a/#';
  expect(composition.hindrance).toMatch(/^Response Topic: .*MQTT-3.3.2-2/);
});

it('counts the packet against what the broker takes', () => {
  const composition = compose({ maximum_packet_size: 20 });
  composition.draft.topic = 'abc';
  composition.draft.format = 'text';
  composition.draft.text = '1234567890';
  // 2 of the fixed header, 2 + 3 of the topic, 1 of the properties, 10 of the payload.
  expect(composition.packet).toBe(18);
  expect(composition.hindrance).toBeNull();
  composition.draft.properties.payloadFormat = 1;
  expect(composition.packet).toBe(20);
  expect(composition.hindrance).toBeNull();
  composition.draft.qos = 1;
  expect(composition.problems.size).toContain('22 bytes');
  expect(composition.hindrance).toContain('20 at most');
});

it('lets an alias stand for a topic that was sent with it on this connection', async () => {
  const composition = compose({ topic_alias_maximum: 10 });
  const { draft } = composition;
  draft.topic = 'a/long/topic';
  draft.properties.topicAlias = '3';
  composition.send();
  await vi.waitFor(() => expect(composition.aliasStandsFor).toBe('a/long/topic'));
  draft.topic = '';
  expect(composition.hindrance).toBeNull();
  draft.properties.topicAlias = '4';
  expect(composition.aliasStandsFor).toBeUndefined();
  draft.mode = 'request';
  expect(composition.hindrance).toBe('Enter a topic.');
});

it('sends a file by its path, once its size is known', async () => {
  const composition = compose({ maximum_packet_size: 1_000 });
  composition.draft.topic = 't';
  composition.draft.format = 'file';
  expect(composition.hindrance).toBe('Choose a file.');
  composition.draft.path = '/tmp/a.bin';
  composition.look();
  await vi.waitFor(() => expect(composition.size).toBe(7));
  composition.send();
  await vi.waitFor(() => expect(calls.map(([name]) => name)).toContain('session_publish_file'));
  expect(calls.find(([name]) => name === 'session_publish_file')?.[1]).toMatchObject({
    ...{ path: '/tmp/a.bin', publish: { payload: { text: '' } } },
  });
});

it('asks with the usual Response Topic and made-up Correlation Data, or with those that were typed', () => {
  const composition = compose({ assigned_client_id: 'auto-7' });
  const { draft } = composition;
  Object.assign(draft, { mode: 'request', topic: 'cmd', text: '{}', timeout: '2.5' });
  draft.properties.contentType = 'application/json';
  expect(composition.count).toBe(1);
  composition.send();
  const publish = { topic: 'cmd', qos: 0, retain: false, payload: { text: '{}' } };
  const properties = [{ name: 'content_type', value: 'application/json' }];
  expect(calls[0]).toEqual([
    'request_send',
    {
      profile: composition.profile,
      request: {
        publish: { ...publish, properties },
        response_topic: 'mqttscope/reply/auto-7',
        correlation: null,
        timeout_ms: 2_500,
      },
    },
  ]);
  draft.properties.responseTopic = 'my/reply';
  Object.assign(draft.properties, { correlation: 'ff', correlationFormat: 'hex' });
  composition.requests.busy = false;
  composition.send();
  expect(calls[1]).toMatchObject([
    'request_send',
    { request: { response_topic: 'my/reply', correlation: { base64: '/w==' } } },
  ]);
  draft.timeout = '0';
  expect(composition.hindrance).toContain('Time-out');
});
