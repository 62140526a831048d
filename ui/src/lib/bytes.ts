/**
 * What a person types as hex or Base64, turned into bytes, with the place of the first mistake.
 *
 * Both readers pass over white space, because people paste dumps; hex also over `:`, `-`, `,` and `0x`. Base64 is the
 * standard alphabet with padding that may be left out; bits that padding leaves over must be zero, as RFC 4648 has it.
 */

export type BytesProblem =
  'hex_digit' | 'hex_odd' | 'base64_digit' | 'base64_length' | 'base64_padding';

export interface BadBytes {
  problem: BytesProblem;
  /** Where, counted in UTF-16 units from 0. */
  offset: number;
}

export type Decoded = { ok: true; bytes: Uint8Array } | { ok: false; error: BadBytes };

const bad = (problem: BytesProblem, offset: number): Decoded => ({
  ok: false,
  error: { problem, offset },
});

export function decodeHex(text: string): Decoded {
  const bytes = new Uint8Array(text.length >> 1);
  let length = 0;
  let high = -1;
  let highAt = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const digit = hexDigit(code);
    if (high < 0 && digit === 0 && /[xX]/.test(text.charAt(at + 1))) {
      at += 1;
    } else if (digit >= 0) {
      if (high < 0) {
        high = digit;
        highAt = at;
      } else {
        bytes[length] = high * 16 + digit;
        length += 1;
        high = -1;
      }
    } else if (!/[\s:,-]/.test(text.charAt(at))) {
      return bad('hex_digit', at);
    } else if (high >= 0) {
      return bad('hex_odd', highAt);
    }
  }
  return high >= 0 ? bad('hex_odd', highAt) : { ok: true, bytes: bytes.slice(0, length) };
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = code | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const VALUE = new Map([...ALPHABET].map((char, value) => [char, value]));

export function decodeBase64(text: string): Decoded {
  const bytes = new Uint8Array(Math.ceil((text.length * 3) / 4));
  let length = 0;
  let bits = 0;
  let held = 0;
  let digits = 0;
  let padding = 0;
  let lastAt = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (/\s/.test(char)) continue;
    if (char === '=') {
      padding += 1;
      if (padding > 2) return bad('base64_padding', at);
      lastAt = at;
      continue;
    }
    const value = VALUE.get(char);
    if (value === undefined) return bad('base64_digit', at);
    if (padding > 0) return bad('base64_padding', lastAt);
    held = (held << 6) | value;
    bits += 6;
    digits += 1;
    lastAt = at;
    if (bits >= 8) {
      bits -= 8;
      bytes[length] = (held >> bits) & 0xff;
      length += 1;
      held &= (1 << bits) - 1;
    }
  }
  if (digits % 4 === 1) return bad('base64_length', lastAt);
  if (padding > 0 && (digits + padding) % 4 !== 0) return bad('base64_padding', lastAt);
  if (held !== 0) return bad('base64_digit', lastAt);
  return { ok: true, bytes: bytes.slice(0, length) };
}

/** Bytes that are told as text or as Base64. */
export function bytesOf(bytes: { text: string } | { base64: string }): Uint8Array {
  if ('text' in bytes) return new TextEncoder().encode(bytes.text);
  const decoded = decodeBase64(bytes.base64);
  return decoded.ok ? decoded.bytes : new Uint8Array();
}

export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return btoa(binary);
}

export function encodeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** Whether bytes are text in UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
