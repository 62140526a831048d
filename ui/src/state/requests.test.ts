/** Requests are what the engine tells last, and lead from a message to its pair. */
import { beforeEach, expect, it } from 'vitest';

import { useBackend } from '$src/backend';
import { app } from '$src/state/app.svelte';
import { connackOf, MemoryEngine, profileOf, userError } from '../../tests/memory';

import { repliesOf } from './replies.svelte';
import { requestsOf } from './requests-of';
import { usualResponseTopic } from './requests.svelte';

let engine: MemoryEngine;
let number = 0;
let id = '';

beforeEach(async () => {
  engine = new MemoryEngine();
  number += 1;
  id = `p${number}`;
  engine.profiles = [profileOf(id)];
  useBackend(engine);
  await app.start();
});

const REQUEST = {
  publish: { topic: 'cmd', payload: { text: '{}' }, qos: 1 as const, retain: false },
  response_topic: 'reply/1',
  correlation: null,
  timeout_ms: 5_000,
};

it('waits, is answered, and can be sent again as it was', async () => {
  const requests = requestsOf(id);
  await requests.send(REQUEST);
  const [waiting] = requests.list;
  if (!waiting) throw new Error('there is no request');
  expect([requests.waiting, waiting.state.state]).toEqual([1, 'waiting']);
  const answer = { message: 7, time_us: 0, took_us: 12_300, size: 2 };
  engine.requests.change(id, { ...waiting, state: { state: 'answered' }, answers: [answer] });
  expect(requests.waiting).toBe(0);
  expect(requests.pairingOf(7)).toMatchObject({ is: 'answer', request: { topic: 'cmd' } });
  expect(requests.pairingOf(1)).toMatchObject({ is: 'request' });
  expect(requests.pairingOf(2)).toBeUndefined();
  await requests.repeat(waiting);
  expect(engine.requests.sent).toEqual([REQUEST, REQUEST]);
  expect(requests.list.map((each) => each.id)).toEqual([2, 1]);
  await requests.cancel({ ...waiting, id: 2 });
  expect(requests.list[0]?.state.state).toBe('cancelled');
});

it('says why a request was not taken', async () => {
  const requests = requestsOf(id);
  useBackend({
    ...engine,
    call: () => Promise.reject(userError('session.not_connected')),
  } as never);
  await requests.send(REQUEST);
  expect(requests.error?.code).toBe('session.not_connected');
  expect(requests.busy).toBe(false);
});

it('is not thrown back by a list that was on its way while an event came', async () => {
  const requests = requestsOf(id);
  const loading = requests.load();
  await requests.send(REQUEST);
  await loading;
  expect(requests.list).toHaveLength(1);
  const state = { answered: 2, failed: 0, last_us: null, fault: null, stopped: false };
  const replies = repliesOf(id);
  const asked = replies.load();
  engine.requests.tellStates(id, [{ rule: 'r', ...state }]);
  await asked;
  expect(replies.of({ id: 'r' } as never)?.answered).toBe(2);
});

it('does not ask on a topic with placeholders', () => {
  const topic = usualResponseTopic(profileOf('p', { client_id: 'a-{{random}}' }), null);
  expect(topic).toMatch(/^mqttscope\/reply\/a-[0-9a-z]{4,8}$/);
});

it.each([
  ['mqttscope-4f9a', {}, 'mqttscope/reply/mqttscope-4f9a'],
  ['a/b+#', {}, 'mqttscope/reply/a-b--'],
  ['', { assigned_client_id: 'auto-1' }, 'mqttscope/reply/auto-1'],
  ['me', { response_information: 'tenant/7/' }, 'tenant/7/me'],
  ['me', { response_information: '#' }, 'mqttscope/reply/me'],
])('asks %j with %j for answers on %s', (client_id, connack, topic) => {
  expect(usualResponseTopic(profileOf('p', { client_id }), connackOf(connack))).toBe(topic);
});
