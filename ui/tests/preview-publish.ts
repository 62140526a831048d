/**
 * Publishing, requests and replies, for the preview: `publish` (properties open), `publish-wrong`, `publish-file`, `publish-3`
 * (MQTT 3.1.1), `request`, `request-empty`, `replies`, `replies-empty`, `reply-edit`, `inspect` (a request that was received).
 */
import type { Property, RequestRecord } from '$src/bindings/engine';
import { shown } from '$src/features/publish/shown.svelte';
import { editable } from '$src/state/draft-properties';
import { draftOf, newDraft } from '$src/state/drafts';
import { historyOf } from '$src/state/histories';
import { newRule } from '$src/state/replies.svelte';
import { app } from '$src/state/app.svelte';

import { userError } from './errors';
import type { MemoryEngine } from './memory';

const PROPERTIES: Property[] = [
  { name: 'payload_format_indicator', value: 1 },
  { name: 'message_expiry_interval', value: 5_400 },
  { name: 'content_type', value: 'application/json' },
  { name: 'user_property', value: ['site', 'north'] },
  { name: 'user_property', value: ['site', '第二车间'] },
];

/** The scenes that begin at the publish box. */
export async function showPublish(engine: MemoryEngine, scene: string): Promise<void> {
  const draft = draftOf('a', false);
  shown.properties = false;
  Object.assign(draft, newDraft(), {
    topic: 'plant-a/s1/cmd',
    text: '{\n  "cmd": "reset",\n  "gain": 127.0\n}',
  });
  if (scene.startsWith('publish')) publish(engine, scene);
  if (scene.startsWith('request')) request(engine, scene);
  if (scene.startsWith('repl')) await replies(engine, scene);
  if (scene === 'inspect') await inspect(engine);
}

function publish(engine: MemoryEngine, scene: string): void {
  const draft = draftOf('a', false);
  shown.properties = scene !== 'publish-closed';
  draft.properties = editable(PROPERTIES);
  if (scene === 'publish-wrong') {
    Object.assign(draft.properties, { expiry: '90 min', topicAlias: '0', correlation: 'f' });
    Object.assign(draft, { qos: 2, format: 'hex', text: 'ff' });
    Object.assign(draft.properties, { correlationFormat: 'hex', payloadFormat: 1 });
  }
  if (scene === 'publish-file') {
    engine.files.set('/home/lin/firmware/gateway-4.2.1.bin', 2_097_152);
    Object.assign(draft, { format: 'file', path: '/home/lin/firmware/gateway-4.2.1.bin' });
    shown.properties = false;
  }
  if (scene === 'publish-3') {
    app.profiles.list = app.profiles.list.map((each) => ({ ...each, version: '3.1.1' as const }));
  }
}

function request(engine: MemoryEngine, scene: string): void {
  draftOf('a', false).mode = 'request';
  if (scene === 'request-empty') return;
  const now = Date.now() * 1_000;
  const answer = { message: 1_100, time_us: now, took_us: 12_345, size: 48 };
  const record = (id: number, part: Partial<RequestRecord>): RequestRecord => ({
    ...{ id, topic: `plant-a/s${id}/get`, response_topic: 'mqttscope/reply/mqttscope-4f9a1c7e' },
    ...{ correlation: { base64: '/wA=' }, message: 1_000 + id, time_us: now, timeout_ms: 10_000 },
    ...{ state: { state: 'answered' }, answers: [answer] },
    ...part,
  });
  const late = { ...answer, took_us: 12_600_000 };
  const error = userError('session.not_connected');
  const records = [
    record(1, { state: { state: 'cancelled' }, answers: [] }),
    record(2, { state: { state: 'failed', error }, answers: [], message: null }),
    record(3, { state: { state: 'timed_out' }, answers: [] }),
    record(4, { state: { state: 'timed_out' }, answers: [late] }),
    record(5, {}),
    record(6, { answers: [answer, { ...answer, message: 1_101, took_us: 14_002 }] }),
    record(7, { state: { state: 'subscribing' }, answers: [] }),
    record(8, { state: { state: 'waiting' }, answers: [] }),
  ];
  for (const each of records) engine.requests.change('a', each);
}

async function replies(engine: MemoryEngine, scene: string): Promise<void> {
  draftOf('a', false).mode = 'replies';
  if (scene === 'replies-empty') return;
  const rules = [
    newRule('r1', {
      filter: 'plant-a/+/get',
      name: 'State',
      payload: '{"ok":true,"was":{{payload}}}',
    }),
    newRule('r2', { filter: 'echo/#', topic: 'echoed/{{topic}}', enabled: false }),
    newRule('r3', { filter: 'plant-a/+/telemetry', topic: 'plant-a/{{topic.2}}/ack' }),
  ];
  await engine.call('replies_save', { profile: 'a', rules });
  const state = { answered: 0, failed: 0, last_us: null, fault: null, stopped: false };
  engine.requests.tellStates('a', [
    { ...state, rule: 'r1', answered: 1_204, failed: 3, last_us: Date.now() * 1_000 },
    { ...state, rule: 'r2' },
    { ...state, rule: 'r3', fault: userError('session.not_connected'), stopped: true },
  ]);
  if (scene !== 'reply-edit') return;
  await historyOf('a').reveal(1_150);
  await new Promise((resolve) => setTimeout(resolve, 100));
  document.querySelector<HTMLElement>('[data-testid="reply-edit"]')?.click();
}

async function inspect(engine: MemoryEngine): Promise<void> {
  engine.properties.set(1_150, [
    { name: 'payload_format_indicator', value: 1 },
    { name: 'message_expiry_interval', value: 5_400 },
    { name: 'content_type', value: 'application/json' },
    { name: 'response_topic', value: 'mqttscope/reply/bench' },
    { name: 'correlation_data', value: { base64: '/wBhYmM=' } },
    { name: 'subscription_identifier', value: 7 },
    { name: 'topic_alias', value: 3 },
    { name: 'user_property', value: ['site', 'north'] },
    { name: 'user_property', value: ['site', '\u202e<b>'] },
  ]);
  engine.throughs.set(1_150, ['plant-a/+/telemetry', '$share/g1/cmd/#']);
  const answer = { message: 1_150, time_us: 0, took_us: 12_345, size: 48 };
  engine.requests.change('a', {
    ...{ id: 1, topic: 'plant-a/s1/get', response_topic: 'reply/1', correlation: { text: 'c' } },
    ...{ message: 1_100, time_us: 0, timeout_ms: 10_000, state: { state: 'answered' } },
    answers: [answer],
  });
  await historyOf('a').reveal(1_150);
}
