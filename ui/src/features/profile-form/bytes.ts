/** Bytes of a profile as text to edit, and back: as UTF-8 text, or as Base64 where they are none. */
import type { Bytes } from '$src/bindings/engine';

export type Encoding = 'text' | 'base64';

export function encodingOf(bytes: Bytes): Encoding {
  return 'text' in bytes ? 'text' : 'base64';
}

export function textOf(bytes: Bytes): string {
  return 'text' in bytes ? bytes.text : bytes.base64;
}

export function bytesOf(text: string, encoding: Encoding): Bytes {
  return encoding === 'text' ? { text } : { base64: text.replaceAll(/\s/g, '') };
}

/** Whether text is Base64 as RFC 4648, section 4 has it: padded, in the usual alphabet. */
export function isBase64(text: string): boolean {
  return /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text);
}
