/** A message put into the publish box: nothing of it is lost on the way, nor what stood there before. */
import { expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import { encodePayload, type PayloadFormat } from '$src/lib/payload';

import { canRestore, draftOf, replaceDraft, restoreDraft, type Draft } from './drafts';
import { draftFrom, isTooLarge, publishable, typedOf } from './republish';

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
  const properties = [{ name: 'content_type', value: 'text/plain' }];
  useBackend({
    call: () => Promise.resolve({ row, properties }),
    payload: () => Promise.resolve(bytes('on').buffer),
  } as unknown as Backend);
  expect(await draftFrom({ profile: 'p', id: 3 })).toEqual({
    ...{ topic: 'a/b', qos: 2, retain: true, text: 'on', format: 'text', properties },
  });
});

it('brings back what was written before', () => {
  const draft = draftOf('p', false);
  const next: Draft = { topic: 'b', text: '2', format: 'text', qos: 1, retain: true };
  replaceDraft('p', draft, { ...next, properties: [{ name: 'content_type', value: 'x' }] });
  expect(canRestore('p')).toBe(false);
  replaceDraft('p', draft, next);
  expect(draft.properties).toBeUndefined();
  expect(canRestore('p')).toBe(true);
  restoreDraft('p', draft);
  expect(draft).toMatchObject({ topic: 'b', properties: [{ name: 'content_type' }] });
  expect(canRestore('p')).toBe(false);
});
