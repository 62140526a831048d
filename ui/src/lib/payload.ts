/**
 * What a person typed into the payload editor, as the bytes that go out.
 *
 * JSON is sent as typed, spaces and all: the check is only there so that nobody sends half of it by mistake. Nothing typed is
 * an empty payload in every format, because that is how a retained message is removed [MQTT-3.3.1-10].
 */
import { decodeBase64, decodeHex, encodeBase64, type BytesProblem } from './bytes';
import { checkJson } from './json-check';
import { utf8Length } from './topic';

export type PayloadFormat = 'json' | 'text' | 'hex' | 'base64';

export type PayloadBytes = { text: string } | { base64: string };

export interface PayloadProblem {
  code: 'json_end' | 'json_unexpected' | 'surrogate' | BytesProblem;
  /** UTF-16 units from 0. */
  offset: number;
  /** Both from 1. */
  line: number;
  column: number;
}

export type Encoded =
  { ok: true; payload: PayloadBytes; size: number } | { ok: false; problem: PayloadProblem };

export function encodePayload(format: PayloadFormat, text: string): Encoded {
  switch (format) {
    case 'text':
      return encodeText(text);
    case 'json':
      return encodeJson(text);
    case 'hex':
    case 'base64': {
      const decoded = format === 'hex' ? decodeHex(text) : decodeBase64(text);
      if (!decoded.ok) return wrong(decoded.error.problem, text, decoded.error.offset);
      const { bytes } = decoded;
      return { ok: true, payload: { base64: encodeBase64(bytes) }, size: bytes.length };
    }
  }
}

function encodeJson(text: string): Encoded {
  if (text.trim() === '') return encodeText('');
  const problem = checkJson(text);
  if (!problem) return encodeText(text);
  const code = problem.code === 'end' ? 'json_end' : 'json_unexpected';
  return { ok: false, problem: { ...problem, code } };
}

function encodeText(text: string): Encoded {
  const half = text.search(/\p{Surrogate}/u);
  if (half >= 0) return wrong('surrogate', text, half);
  return { ok: true, payload: { text }, size: utf8Length(text) };
}

function wrong(code: PayloadProblem['code'], text: string, offset: number): Encoded {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { ok: false, problem: { code, offset, line, column: offset - before.lastIndexOf('\n') } };
}
