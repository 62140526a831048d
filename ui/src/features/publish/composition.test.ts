import { beforeEach, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { ConnackInfo, SessionSnapshot } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { connackOf, snapshotOf } from '../../../tests/memory';

import { Composition } from './composition.svelte';

const calls: unknown[] = [];

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
      return Promise.resolve(name === 'session_publish' ? 7 : { row: { outcome: null } });
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

it('sends the properties that came with an edited message', () => {
  const composition = compose({});
  composition.draft.topic = 't';
  composition.draft.properties = [{ name: 'content_type', value: 'text/plain' }];
  composition.send();
  expect(calls[0]).toMatchObject([
    'session_publish',
    { publish: { properties: [{ name: 'content_type', value: 'text/plain' }] } },
  ]);
});
