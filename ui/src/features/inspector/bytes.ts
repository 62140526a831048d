/** Correlation Data in three notations. */
import type { Bytes } from '$src/bindings/engine';
import { decodeBase64, encodeBase64, encodeHex, isUtf8 } from '$src/lib/bytes';

export type Notation = 'text' | 'hex' | 'base64';

/** The bytes in a notation; null where they are no text. */
export function written(bytes: Bytes, notation: Notation): string | null {
  const raw = rawOf(bytes);
  if (notation === 'hex') return encodeHex(raw);
  if (notation === 'base64') return encodeBase64(raw);
  return isUtf8(raw) ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(raw) : null;
}

/** The notation that a person reads first: text where it is all to be seen. */
export function usualNotation(bytes: Bytes): Notation {
  const text = written(bytes, 'text');
  // eslint-disable-next-line no-control-regex -- what could not be seen
  return text !== null && !/[\u0000-\u001f\u007f]/.test(text) ? 'text' : 'hex';
}

function rawOf(bytes: Bytes): Uint8Array {
  if ('text' in bytes) return new TextEncoder().encode(bytes.text);
  const decoded = decodeBase64(bytes.base64);
  return decoded.ok ? decoded.bytes : new Uint8Array();
}
