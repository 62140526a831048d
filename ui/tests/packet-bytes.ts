/** Packets with their fields and bytes, for tests and for looking at the window: a tree of parts becomes both. */
import type { PacketDetail, PacketField, PacketRow, ReasonCode } from '$src/bindings/engine';

export interface Part {
  name: string;
  value?: string;
  reason?: ReasonCode;
  masked?: boolean;
  /** Bytes of its own; one that holds others has theirs. */
  bytes?: number[];
  parts?: Part[];
}

export const PACKET: PacketRow = {
  ...{ number: 1, connection: 1, time_us: 0, direction: 'sent', kind: 'PUBLISH', packet_id: null },
  ...{ size: 2, dup: false, qos: null, retain: false, topic: null, reason: null },
  ...{ fault: null, exchange: null },
};

export function base64(bytes: readonly number[]): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** A string as MQTT writes it: its length in two bytes, then UTF-8. */
export function text(value: string): number[] {
  const bytes = [...new TextEncoder().encode(value)];
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes];
}

/** A number of two bytes. */
export function two(value: number): number[] {
  return [value >> 8, value & 0xff];
}

/** A packet's detail; `row` tells what the parts do not. */
export function detailOf(row: PacketRow, parts: readonly Part[]): PacketDetail {
  const fields: PacketField[] = [];
  const bytes: number[] = [];
  const lay = (part: Part, depth: number) => {
    const field: PacketField = {
      name: part.name,
      value: part.masked ? '' : (part.value ?? ''),
      reason: part.reason ?? null,
      masked: part.masked ?? false,
      at: bytes.length,
      len: 0,
      depth,
    };
    fields.push(field);
    const own = part.bytes ?? [];
    bytes.push(...(part.masked ? own.map(() => 0x2a) : own));
    for (const inner of part.parts ?? []) lay(inner, depth + 1);
    field.len = bytes.length - field.at;
  };
  for (const part of parts) lay(part, 0);
  return {
    row: { ...row, size: Math.max(row.size, bytes.length) },
    fields,
    bytes: { base64: base64(bytes) },
    kept: bytes.length,
  };
}

/** The fixed header of a packet whose rest has `length` bytes. */
export function fixedHeader(kind: string, first: number, length: number): Part {
  return {
    name: 'Fixed header',
    parts: [
      { name: 'Packet type', value: `${kind} (${first >> 4})`, bytes: [first] },
      { name: 'Remaining Length', value: String(length), bytes: [length] },
    ],
  };
}
