/** Requests in words, the rules that answer, and the way from a message to its pair, as a person meets them. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { useBackend } from '$src/backend';
import type { RequestRecord, Row } from '$src/bindings/engine';
import InspectorPane from '$src/features/inspector/InspectorPane.svelte';
import PublishPane from '$src/features/publish/PublishPane.svelte';
import { app } from '$src/state/app.svelte';
import { draftOf } from '$src/state/drafts';
import { historyOf } from '$src/state/histories';
import { newRule } from '$src/state/replies.svelte';
import { connackOf, MemoryEngine, profileOf, snapshotOf, userError } from '../../../tests/memory';

let engine: MemoryEngine;
const panes: Record<string, unknown>[] = [];
let number = 0;
let id = '';

const connected = () =>
  snapshotOf(id, {
    state: 'connected',
    ...{ since_ms: 1, took_ms: 1, address: '', tls: null, connack: connackOf() },
  });
const row = (index: number, part: Partial<Row> = {}): Row => ({
  ...{ index, id: index + 1, time_us: index, direction: 'received', topic: 'get/state', qos: 1 },
  ...{ retain: false, dup: false, size: 2, preview: '{}', outcome: null, bookmark: null },
  ...part,
});

beforeEach(async () => {
  engine = new MemoryEngine();
  number += 1;
  id = `pane-${number}`;
  engine.profiles = [profileOf(id, { name: 'bench' })];
  engine.rows = [row(0), row(1), row(2)];
  engine.sessions.set(id, connected());
  useBackend(engine);
  await app.start();
});

afterEach(() => {
  for (const pane of panes.splice(0)) void unmount(pane);
});

function open(pane: typeof PublishPane | typeof InspectorPane) {
  const profile = app.profiles.byId(id);
  if (!profile) throw new Error('there is no profile');
  panes.push(mount(pane, { target: document.body, props: { profile } }));
  flushSync();
}
const all = (testid: string) => [
  ...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`),
];
const find = (testid: string) => {
  const [found] = all(testid);
  if (!found) throw new Error(`there is no ${testid}`);
  return found;
};
const click = (testid: string) => {
  find(testid).click();
  flushSync();
};
const type = (testid: string, text: string) => {
  const field = find(testid) as HTMLInputElement;
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  flushSync();
};
const record = (part: Partial<RequestRecord>): RequestRecord => ({
  ...{ id: 1, topic: 'get/state', response_topic: 'reply', correlation: { text: 'c' }, message: 1 },
  ...{ time_us: 0, timeout_ms: 10_000, state: { state: 'waiting' }, answers: [] },
  ...part,
});

it('says in words how a request stands', async () => {
  draftOf(id, false).mode = 'request';
  open(PublishPane);
  find('request-list-empty');
  type('publish-topic', 'get/state');
  type('publish-payload', '{}');
  click('publish-send');
  await vi.waitFor(() => expect(find('request').dataset['state']).toBe('waiting'));
  expect(engine.requests.sent[0]?.response_topic).toBe('mqttscope/reply/mqttscope-4f9a1c7e');
  const words = (part: Partial<RequestRecord>) => {
    engine.requests.change(id, record(part));
    flushSync();
    return find('request-state').textContent;
  };
  const answer = { message: 2, time_us: 0, took_us: 12_345, size: 2 };
  expect(words({ state: { state: 'subscribing' } })).toContain('subscribing');
  expect(words({ state: { state: 'answered' }, answers: [answer] })).toBe('answered after 12.3 ms');
  expect(words({ state: { state: 'timed_out' } })).toBe('no answer in 10.0 s');
  expect(words({ state: { state: 'timed_out' }, answers: [answer] })).toContain('late answer');
  expect(words({ state: { state: 'cancelled' } })).toBe('cancelled');
  const error = userError('session.not_connected');
  expect(words({ state: { state: 'failed', error } })).toContain('failed: ');
  expect(find('request-error').textContent).toContain('·');
  words({ state: { state: 'answered' }, answers: [answer, { ...answer, message: 3 }] });
  expect(all('request-answer')).toHaveLength(2);
});

it('keeps properties folded with their number, and sends what is typed in them', async () => {
  open(PublishPane);
  type('publish-topic', 't');
  click('publish-properties-fold');
  type('publish-expiry', '5400');
  expect(find('publish-expiry-note').textContent).toContain('90 minutes');
  type('publish-topic-alias', '1');
  expect(find('publish-topic-alias-problem').textContent).toContain('takes no Topic Alias');
  expect(find('publish-problem').textContent).toContain('Topic Alias');
  type('publish-topic-alias', '');
  click('publish-content-type-empty');
  click('publish-user-property-add');
  type('publish-user-property-name-0', 'site');
  const paste = new Event('paste', { bubbles: true, cancelable: true });
  Object.assign(paste, { clipboardData: { getData: () => 'a: 1\nb=2' } });
  find('publish-user-property-value-0').dispatchEvent(paste);
  flushSync();
  expect(all('publish-user-property')).toHaveLength(3);
  click('publish-user-property-up-2');
  await vi.waitFor(() =>
    expect(document.activeElement?.getAttribute('data-testid')).toContain('up'),
  );
  const press = (testid: string, init: KeyboardEventInit) => {
    const key = new KeyboardEvent('keydown', { ...init, bubbles: true, cancelable: true });
    find(testid).dispatchEvent(key);
    flushSync();
  };
  press('publish-user-property-value-0', { key: 'Enter' });
  expect(all('publish-user-property')).toHaveLength(4);
  press('publish-user-property-name-1', { key: 'Delete', altKey: true });
  press('publish-user-property-name-0', { key: 'ArrowDown', altKey: true });
  press('publish-user-property-name-1', { key: 'ArrowUp', altKey: true });
  expect(all('publish-user-property')).toHaveLength(3);
  click('publish-properties-fold');
  expect(find('publish-properties-count').textContent).toBe('5');
  click('publish-send');
  await vi.waitFor(() => expect(engine.calls.at(-1)?.name).toBe('history_message'));
  const sent = engine.calls.find(({ name }) => name === 'session_publish');
  expect(sent?.args).toMatchObject({
    publish: {
      properties: [
        { name: 'message_expiry_interval', value: 5_400 },
        { name: 'user_property', value: ['site', ''] },
        { name: 'user_property', value: ['b', '2'] },
        { name: 'user_property', value: ['a', '1'] },
        { name: 'content_type', value: '' },
      ],
    },
  });
});

it('keeps rules: new, off, copied, moved, deleted', async () => {
  draftOf(id, false).mode = 'replies';
  open(PublishPane);
  find('replies-empty');
  click('reply-new');
  type('reply-filter', 'get/+');
  await vi.waitFor(() => expect(find('reply-preview').dataset['state']).toBe('shown'));
  click('reply-placeholder');
  expect((find('reply-payload') as HTMLTextAreaElement).value).toContain('{{payload}}{{payload}}');
  type('reply-payload', 'was {{payload}}');
  await vi.waitFor(() => expect(find('reply-preview-payload').textContent).toBe('was {}'));
  click('reply-save');
  await vi.waitFor(() => expect(app.profiles.byId(id)?.replies).toHaveLength(1));
  expect(engine.profiles[0]?.replies[0]).toMatchObject({
    filter: 'get/+',
    payload: 'was {{payload}}',
  });
});

it('tells what rules have done, and why one answers no more', async () => {
  const rules = [newRule('r1', { filter: 'a' }), newRule('r2', { filter: 'b', topic: 'c' })];
  await engine.call('replies_save', { profile: id, rules });
  await app.profiles.load();
  draftOf(id, false).mode = 'replies';
  open(PublishPane);
  const state = { answered: 1_204, failed: 3, last_us: 1, fault: null, stopped: false };
  const fault = userError('session.not_connected');
  engine.requests.tellStates(id, [
    { rule: 'r1', ...state },
    { rule: 'r2', ...state, fault, stopped: true },
  ]);
  await vi.waitFor(() => expect(find('reply-counts').textContent).toContain('1,204 answered'));
  flushSync();
  expect(find('reply-counts').textContent).toContain('3 failed');
  expect(find('reply-fault').textContent).toContain('Stopped');
  click('reply-enabled');
  await vi.waitFor(() => expect(engine.profiles[0]?.replies[0]?.enabled).toBe(false));
});

it('leads from a request that came to its answer, and from an answer to its request', async () => {
  engine.properties.set(2, [
    { name: 'response_topic', value: 'reply/bench' },
    { name: 'correlation_data', value: { base64: '/wA=' } },
    { name: 'message_expiry_interval', value: 90 },
  ]);
  engine.throughs.set(2, ['get/#']);
  const answer = { message: 2, time_us: 0, took_us: 12_345, size: 2 };
  engine.requests.change(id, record({ state: { state: 'answered' }, answers: [answer] }));
  const history = historyOf(id);
  const end = history.watch();
  await vi.waitFor(() => expect(history.loaded).toBe(true));
  open(InspectorPane);
  await history.reveal(2);
  await vi.waitFor(() => find('inspector-answer'));
  expect(find('inspector-correlation-bytes').textContent.trim()).toBe('ff 00');
  expect(find('inspector-message-expiry-interval').textContent).toContain('left');
  expect(find('inspector-came-through').textContent).toContain('get/#');
  click('inspector-answer');
  expect(draftOf(id, false)).toMatchObject({
    topic: 'reply/bench',
    properties: { correlation: 'ff 00', correlationFormat: 'hex' },
  });
  click('inspector-show-request');
  await vi.waitFor(() => expect(history.selected?.id).toBe(1));
  await vi.waitFor(() => find('inspector-show-answer'));
  end();
});
