/** From a message to the packet that carried it and back: what tells them apart, and that nothing is guessed. */
import { beforeEach, expect, it } from 'vitest';

import { useBackend } from '$src/backend';
import type { PacketRow, Row } from '$src/bindings/engine';

import { MemoryEngine, profileOf } from '../../tests/memory';
import { detailOf, fixedHeader, PACKET, text } from '../../tests/packet-bytes';
import { ROW } from '../../tests/paged-engine';
import { messageOf, packetOf } from './carriers';

let engine: MemoryEngine;

beforeEach(() => {
  engine = new MemoryEngine();
  engine.rows = [];
  engine.profiles = [profileOf('p')];
  useBackend(engine);
});

/** A PUBLISH as it stands in the timeline. */
function packet(number: number, payload: string, part: Partial<PacketRow> = {}): void {
  const bytes = [...new TextEncoder().encode(payload)];
  const row: PacketRow = {
    ...{ ...PACKET, number, time_us: number * 1_000, direction: 'received', qos: 0, topic: 't' },
    ...part,
  };
  const detail = detailOf(row, [
    fixedHeader('PUBLISH', 0x30, bytes.length + 3),
    { name: 'Variable Header', parts: [{ name: 'Topic Name', bytes: text('t') }] },
    ...(bytes.length > 0 ? [{ name: 'Payload', bytes }] : []),
  ]);
  engine.packets.rows.push(detail.row);
  engine.packets.details.set(number, detail);
}

/** A message that was read 50 us after the packet of its number, or written so much before it. */
function message(id: number, payload: string, part: Partial<Row> = {}): Row {
  const late = part.direction === 'sent' ? -50 : 50;
  const row = { ...ROW, id, time_us: id * 1_000 + late, preview: payload, size: payload.length };
  engine.rows.push({ ...row, ...part });
  return { ...row, ...part };
}

async function both(row: Row): Promise<[number | null, number | null]> {
  const number = await packetOf('p', row);
  const detail = number === null ? undefined : engine.packets.details.get(number);
  return [number, detail ? await messageOf('p', detail) : null];
}

it('finds each other by time, topic and payload, whichever way they went', async () => {
  for (let at = 1; at <= 5; at += 1) packet(at, `value ${at}`);
  packet(6, 'on', { direction: 'sent', qos: 1, packet_id: 9 });
  const rows = [1, 2, 3, 4, 5].map((at) => message(at, `value ${at}`));
  rows.push(message(6, 'on', { direction: 'sent', qos: 1 }));
  for (const row of rows) expect(await both(row)).toEqual([row.id, row.id]);
});

it('tells messages of one read apart by their payloads, and an empty one too', async () => {
  for (let at = 1; at <= 300; at += 1)
    packet(at, at === 7 ? '' : `value ${at}`, { time_us: 9_000 });
  const rows = Array.from({ length: 300 }, (_, at) =>
    message(at + 1, at === 6 ? '' : `value ${at + 1}`, { time_us: 9_050 + at }),
  );
  for (const row of rows.slice(0, 9)) expect(await both(row)).toEqual([row.id, row.id]);
  expect(await both(rows[299] as Row)).toEqual([300, 300]);
});

it('passes over a packet that made room meanwhile', async () => {
  packet(1, 'on', { time_us: 9_000 });
  packet(2, 'on', { time_us: 9_010 });
  engine.packets.details.delete(2);
  expect(await packetOf('p', message(1, 'on', { time_us: 9_050 }))).toBe(1);
});

it('of the same value sent again and again it is the nearest before', async () => {
  for (let at = 1; at <= 9; at += 1) packet(at, 'on');
  for (let at = 1; at <= 9; at += 1) message(at, 'on');
  expect(await both(engine.rows[4] as Row)).toEqual([5, 5]);
});

it('a packet of another payload, topic, QoS or direction, or of long ago, is not it', async () => {
  const row = message(5_000, 'on');
  for (const part of [
    { topic: 't/2' },
    { qos: 1 as const },
    { direction: 'sent' as const },
    { retain: true },
    { time_us: row.time_us - 3_000_000 },
    { time_us: row.time_us + 5_000 },
  ]) {
    engine.packets.rows = [];
    packet(5_000, 'on', part);
    expect(await packetOf('p', row), JSON.stringify(part)).toBeNull();
  }
  engine.packets.rows = [];
  packet(5_000, 'no');
  expect(await packetOf('p', row)).toBeNull();
});

it('is found behind thousands of others of its topic’s text', async () => {
  packet(1, 'wanted', { time_us: 1_000_000 });
  for (let at = 2; at <= 2_000; at += 1) packet(at, 'x', { time_us: 1_000_000 + at, topic: 't/x' });
  const row = message(1, 'wanted', { time_us: 1_002_100 });
  expect(await packetOf('p', row)).toBe(1);
});
