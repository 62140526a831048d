/** A message put into the publish box: nothing of it is lost on the way, nor what stood there before. */
import { expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import { encodePayload, type PayloadFormat } from '$src/lib/payload';

import { editable } from './draft-properties';
import { canRestore, draftOf, newDraft, replaceDraft, restoreDraft } from './drafts';
import { answerTo, draftFrom, isTooLarge, publishable, typedOf } from './republish';

const bytes = (text: string) => new TextEncoder().encode(text);

it.each([
  ['{"temp": 127.0}', 'json'],
  ['{\r\n"a": 1}', 'json'],
  ['21.5', 'json'],
  ['on', 'text'],
  ['', 'text'],
  ['\ufeffwith a mark', 'text'],
  ['one\r\ntwo', 'hex'],
  ['nul\0', 'hex'],
])('%j is edited as %s, and its bytes are the same', (text, format) => {
  const typed = typedOf(bytes(text));
  expect(typed.format).toBe(format);
  const encoded = encodePayload(typed.format as PayloadFormat, typed.text);
  if (!encoded.ok) throw new Error(encoded.problem.code);
  const { payload } = encoded;
  const sent = 'text' in payload ? bytes(payload.text) : Buffer.from(payload.base64, 'base64');
  expect([...sent]).toEqual([...bytes(text)]);
});

it('edits what is no text as hex, and as Base64 where that is long', () => {
  expect(typedOf(Uint8Array.from([0xff, 0]))).toEqual({ text: 'ff 00', format: 'hex' });
  expect(typedOf(new Uint8Array(100_000).fill(0xff)).format).toBe('base64');
  expect(isTooLarge({ size: 1_000_000 })).toBe(false);
  expect(isTooLarge({ size: 1_000_001 })).toBe(true);
});

it('leaves out what belongs to one delivery', () => {
  const kept = { name: 'user_property' as const, value: ['a', 'b'] as [string, string] };
  const all = [
    { name: 'subscription_identifier' as const, value: 7 },
    kept,
    { name: 'topic_alias' as const, value: 3 },
    kept,
  ];
  expect(publishable(all)).toEqual([kept, kept]);
});

it('makes a draft of a message', async () => {
  const row = { topic: 'a/b', qos: 2, retain: true, size: 2 };
  const properties = [{ name: 'content_type' as const, value: 'text/plain' }];
  useBackend({
    call: () => Promise.resolve({ row, properties }),
    payload: () => Promise.resolve(bytes('on').buffer),
  } as unknown as Backend);
  expect(await draftFrom({ profile: 'p', id: 3 })).toEqual({
    ...newDraft({ topic: 'a/b', qos: 2, retain: true, text: 'on', format: 'text' }),
    properties: editable(properties),
  });
});

it('brings back what was written before', () => {
  const draft = draftOf('p', false);
  const next = newDraft({ topic: 'b', text: '2', format: 'text', qos: 1, retain: true });
  const properties = editable([{ name: 'content_type', value: 'x' }]);
  replaceDraft('p', draft, { ...next, properties });
  expect(canRestore('p')).toBe(false);
  draft.mode = 'request';
  replaceDraft('p', draft, next);
  expect(draft.properties.contentType).toBeNull();
  expect(draft.mode).toBe('publish');
  expect(canRestore('p')).toBe(true);
  restoreDraft('p', draft);
  expect(draft).toMatchObject({ topic: 'b', mode: 'request', properties: { contentType: 'x' } });
  expect(canRestore('p')).toBe(false);
});

it('completes a draft that an earlier version kept', () => {
  const old = { topic: 'a', text: 'x', format: 'text', qos: 1, retain: false };
  const properties = [{ name: 'user_property', value: ['a', 'b'] }];
  localStorage.setItem('mqttscope.draft.old', JSON.stringify({ ...old, properties }));
  expect(draftOf('old', false)).toMatchObject({
    ...{ topic: 'a', mode: 'publish', path: '', timeout: '10' },
    properties: { expiry: '', user: [{ name: 'a', value: 'b' }] },
  });
});

it('answers to the Response Topic with the same Correlation Data', () => {
  const row = { qos: 1 } as never;
  const asked = [
    { name: 'response_topic' as const, value: 'reply/7' },
    { name: 'correlation_data' as const, value: { base64: '/wA=' } },
    { name: 'content_type' as const, value: 'text/plain' },
  ];
  expect(answerTo({ row, properties: asked, came_through: [] })).toMatchObject({
    ...{ topic: 'reply/7', qos: 1, retain: false, text: '' },
    properties: { correlation: 'ff 00', correlationFormat: 'hex', contentType: null },
  });
  expect(answerTo({ row, properties: [], came_through: [] })).toBeNull();
});
