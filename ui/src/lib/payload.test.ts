import { expect, it } from 'vitest';

import { encodePayload, type PayloadFormat } from './payload';

it.each<[PayloadFormat, string, object]>([
  ['text', 'on', { text: 'on' }],
  ['text', '', { text: '' }],
  ['json', ' { "t": 127.0 }\n', { text: ' { "t": 127.0 }\n' }],
  ['json', '  \n', { text: '' }],
  ['hex', 'ff 00', { base64: '/wA=' }],
  ['hex', '', { base64: '' }],
  ['base64', '/wA=', { base64: '/wA=' }],
])('sends %s %j as it was meant', (format, text, payload) => {
  expect(encodePayload(format, text)).toMatchObject({ ok: true, payload });
});

it('counts bytes', () => {
  expect(encodePayload('text', '21 °C')).toMatchObject({ size: 6 });
  expect(encodePayload('hex', 'ff00')).toMatchObject({ size: 2 });
});

it.each<[PayloadFormat, string, string, number, number]>([
  ['json', '{\n  "a": 01\n}', 'json_unexpected', 2, 9],
  ['json', '{"a": ', 'json_end', 1, 7],
  ['hex', 'ff\n0g', 'hex_digit', 2, 2],
  ['hex', 'f', 'hex_odd', 1, 1],
  ['base64', 'ab_d', 'base64_digit', 1, 3],
  ['text', 'a\ud800', 'surrogate', 1, 2],
])('says where %s %j goes wrong', (format, text, code, line, column) => {
  expect(encodePayload(format, text)).toMatchObject({ ok: false, problem: { code, line, column } });
});
