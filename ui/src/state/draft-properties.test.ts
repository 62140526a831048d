/** Properties as they are typed become those that are sent, and back, without loss; what is wrong is told at its field. */
import { expect, it } from 'vitest';

import type { Property } from '$src/bindings/engine';

import { countOf, editable, inFormat, noProperties, readProperties } from './draft-properties';

const ALL: Property[] = [
  { name: 'payload_format_indicator', value: 0 },
  { name: 'message_expiry_interval', value: 4_294_967_295 },
  { name: 'topic_alias', value: 3 },
  { name: 'response_topic', value: 'reply/1' },
  { name: 'correlation_data', value: { base64: '/wA=' } },
  { name: 'user_property', value: ['a', '1'] },
  { name: 'user_property', value: ['a', ''] },
  { name: 'user_property', value: ['', '1'] },
  { name: 'content_type', value: '' },
];

it('sends what came, in its order', () => {
  const draft = editable(ALL);
  expect(countOf(draft)).toBe(ALL.length);
  expect(readProperties(draft, 65_535)).toEqual({ properties: ALL, problems: [] });
  expect(readProperties(noProperties(), null)).toEqual({ properties: [], problems: [] });
  expect(countOf(noProperties())).toBe(0);
});

it('keeps empty Correlation Data and none apart, and bytes that are text with them', () => {
  const empty = editable([{ name: 'correlation_data', value: { text: '' } }]);
  expect(empty.correlation).toBe('');
  expect(readProperties(empty, null).properties).toEqual([
    { name: 'correlation_data', value: { text: '' } },
  ]);
  const control = editable([{ name: 'correlation_data', value: { text: 'a\n' } }]);
  expect(control).toMatchObject({ correlation: '61 0a', correlationFormat: 'hex' });
});

it.each([
  [{ expiry: '1.5' }, { field: 'expiry', code: 'number', min: 0, max: 4_294_967_295 }],
  [{ expiry: '4294967296' }, { field: 'expiry', code: 'number' }],
  [{ topicAlias: '0' }, { field: 'topicAlias', code: 'number', min: 1 }],
  [{ topicAlias: '11' }, { field: 'topicAlias', code: 'alias_too_high', max: 10 }],
  [{ responseTopic: 'a/+' }, { field: 'responseTopic', code: 'topic', problem: 'wildcard' }],
  [
    { correlation: 'f', correlationFormat: 'hex' as const },
    { problem: 'hex_odd', column: 1 },
  ],
  [{ correlation: '\ud800' }, { code: 'bytes', problem: 'surrogate', column: 1 }],
  [{ contentType: 'a\0' }, { field: 'contentType', problem: 'null' }],
  [{ user: [{ name: 'a', value: 'x'.repeat(65_536) }] }, { field: 'user', row: 0 }],
])('%j', (part, problem) => {
  const { problems, properties } = readProperties({ ...noProperties(), ...part }, 10);
  expect(problems).toMatchObject([problem]);
  expect(properties).toEqual([]);
});

it('says that a broker takes no alias', () => {
  const draft = { ...noProperties(), topicAlias: '1' };
  expect(readProperties(draft, 0).problems).toEqual([{ field: 'topicAlias', code: 'alias_none' }]);
  expect(readProperties(draft, null).problems).toEqual([]);
});

it('writes the same bytes in another notation', () => {
  const draft = { ...noProperties(), correlation: 'é1' };
  expect(inFormat(draft, 'hex')).toBe('c3 a9 31');
  expect(inFormat(draft, 'base64')).toBe('w6kx');
  const hex = { ...draft, correlation: 'c3 a9 31', correlationFormat: 'hex' as const };
  expect(inFormat(hex, 'text')).toBe('é1');
  expect(inFormat({ ...hex, correlation: 'ff' }, 'text')).toBeNull();
  expect(inFormat({ ...hex, correlation: 'zz' }, 'text')).toBe('zz');
});
