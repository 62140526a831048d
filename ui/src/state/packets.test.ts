/**
 * The window onto a timeline: what is asked for, that the eye's lines stay while packets come and the oldest are forgotten,
 * and folding. And the chosen packet: a field leads to its bytes, and a byte to its innermost field.
 */
import { beforeEach, describe, expect, it } from 'vitest';

import { useBackend } from '$src/backend';
import type { PacketRow } from '$src/bindings/engine';

import { MemoryEngine, profileOf } from '../../tests/memory';
import { detailOf, fixedHeader, PACKET, text, two } from '../../tests/packet-bytes';
import { noTime, settle } from '../../tests/paged-engine';
import { ROW_HEIGHT } from './listing.svelte';
import { PacketInspection } from './packets-inspection.svelte';
import { Timeline } from './packets.svelte';

let engine: MemoryEngine;
let timeline: Timeline;
let time = 0;

const numbers = () => timeline.rows.map((row) => row?.number);
const pulls = () => engine.calls.filter(({ name }) => name === 'packets_page');

function receive(count: number, part: Partial<PacketRow> = {}): void {
  const { rows } = engine.packets;
  const last = engine.packets.state().last ?? 0;
  for (let at = 1; at <= count; at += 1) {
    rows.push({ ...PACKET, number: last + at, time_us: (last + at) * 1_000, ...part });
  }
  tell();
}

function tell(): void {
  timeline.changed({ event: 'packets', profile: 'p', state: engine.packets.state() });
}

/** Makes an exchange of the last packets. */
function join(count: number): void {
  const rows = engine.packets.rows.slice(-count);
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return;
  const exchange = {
    first: first.number,
    packets: count,
    complete: true,
    round_trip_us: last.time_us - first.time_us,
  };
  for (const row of rows) row.exchange = exchange;
  tell();
}

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = [profileOf('p')];
  useBackend(engine);
  time = 0;
  timeline = new Timeline('p', { ...noTime, now: () => (time += 1_000) });
  timeline.resize(10 * ROW_HEIGHT);
  timeline.watch();
  await settle();
});

describe('following', () => {
  it('shows the newest lines, and asks for no more than it shows', async () => {
    receive(1_000);
    await settle();
    expect(numbers()).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
    receive(100_000);
    await settle();
    expect(numbers().at(-1)).toBe(101_000);
    const counts = pulls().map(({ args }) => (args as { count: number }).count);
    expect(Math.max(...counts)).toBeLessThanOrEqual(60);
  });

  it('pulls nothing while no pane shows it', async () => {
    const other = new Timeline('q', noTime);
    const leave = other.watch();
    await settle();
    leave();
    const before = engine.calls.length;
    other.changed({ event: 'packets', profile: 'q', state: engine.packets.state() });
    await settle();
    expect(engine.calls.length).toBe(before);
  });

  it('asks ten times a second at most', async () => {
    let now = 0;
    const timers: { at: number; run: () => void }[] = [];
    const clock = {
      now: () => now,
      after: (ms: number, run: () => void) => {
        timers.push({ at: now + ms, run });
        return () => undefined;
      },
    };
    timeline = new Timeline('p', clock);
    timeline.resize(10 * ROW_HEIGHT);
    timeline.watch();
    await settle();
    const before = pulls().length;
    for (; now < 1_000; now += 33) {
      receive(1_650);
      for (const timer of timers.splice(0)) {
        if (timer.at <= now) timer.run();
        else timers.push(timer);
      }
      await settle();
    }
    expect(pulls().length - before).toBeLessThanOrEqual(12);
    expect(pulls().length - before).toBeGreaterThan(5);
  });

  it('tells the time since the line before, and where a connection begins', async () => {
    receive(3);
    receive(2, { connection: 2 });
    await settle();
    expect(timeline.rows.map((row) => row?.since_us)).toEqual([null, 1_000, 1_000, 1_000, 1_000]);
    expect(timeline.rows.map((row) => row?.begins)).toEqual([true, false, false, true, false]);
  });
});

describe('standing', () => {
  beforeEach(async () => {
    receive(1_000);
    await settle();
    timeline.moveTo(500 * ROW_HEIGHT);
    await settle();
  });

  it('does not move what the eye reads while packets come and the oldest are forgotten', async () => {
    const shown = numbers();
    expect(shown[0]).toBe(501);
    for (let turn = 0; turn < 5; turn += 1) {
      engine.packets.forget(60);
      receive(60);
      await settle();
      expect(numbers()).toEqual(shown);
    }
    expect(timeline.position.visible.first).toBe(200);
  });

  it('shows the oldest that are kept when what the eye read is forgotten', async () => {
    engine.packets.forget(700);
    tell();
    await settle();
    expect(numbers()[0]).toBe(701);
    expect(timeline.position.follow).toBe(false);
  });

  it('goes to the newest again', async () => {
    timeline.resume();
    await settle();
    expect(numbers().at(-1)).toBe(1_000);
  });

  it('is empty after a clear, and numbers go on', async () => {
    engine.packets.rows = [];
    tell();
    await settle();
    expect(timeline.rows).toEqual([]);
    receive(2);
    await settle();
    expect(numbers()).toEqual([1_001, 1_002]);
  });

  it('keeps the choice of a packet that is forgotten', async () => {
    timeline.choose(502);
    await settle();
    expect(timeline.selected).toEqual({ id: 503 });
    engine.packets.forget(600);
    tell();
    await settle();
    expect(timeline.selected).toEqual({ id: 503 });
  });
});

describe('filtering', () => {
  it('shows what meets the conditions, around the chosen packet', async () => {
    for (let at = 0; at < 200; at += 1) {
      receive(1, { kind: 'PUBLISH', topic: 'a' });
      receive(1, { kind: 'PINGREQ' });
    }
    await settle();
    timeline.choose(200);
    await settle();
    expect(timeline.selected).toEqual({ id: 201 });
    timeline.narrow({ kinds: ['PUBLISH'] });
    await settle();
    expect(timeline.rows.every((row) => row?.kind === 'PUBLISH')).toBe(true);
    expect(numbers()).toContain(201);
    expect(timeline.isNarrow).toBe(true);
    timeline.widen();
    await settle();
    expect(numbers()).toContain(202);
    expect(timeline.filter.grouped).toBe(true);
  });

  it('drops a page that was asked for under another filter', async () => {
    receive(5, { kind: 'PUBLISH' });
    receive(5, { kind: 'PUBACK' });
    timeline.narrow({ kinds: ['PUBACK'] });
    timeline.narrow({ kinds: ['PUBLISH'] });
    expect(timeline.isBehind).toBe(true);
    await settle();
    expect(timeline.isBehind).toBe(false);
    expect(numbers()).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('folding', () => {
  beforeEach(async () => {
    receive(40);
    receive(4);
    join(4);
    receive(40);
    await settle();
    timeline.moveTo(38 * ROW_HEIGHT);
    await settle();
  });

  it('opens the exchange of the chosen packet where it stands, and closes it from any of its packets', async () => {
    expect(numbers().slice(0, 4)).toEqual([39, 40, 41, 45]);
    timeline.choose(40);
    await settle();
    timeline.fold(false);
    await settle();
    expect(numbers().slice(0, 7)).toEqual([39, 40, 41, 42, 43, 44, 45]);
    expect(timeline.selected).toEqual({ id: 41 });
    timeline.choose(42);
    await settle();
    expect(timeline.selected).toEqual({ id: 43 });
    timeline.fold(true);
    await settle();
    expect(numbers().slice(0, 4)).toEqual([39, 40, 41, 45]);
    expect(timeline.selected).toEqual({ id: 41 });
  });

  it('measures what comes behind an open exchange from its first packet', async () => {
    const rows = engine.packets.rows;
    const [late] = rows.splice(43, 1);
    rows.splice(47, 0, { ...late, number: 44, time_us: 48_500 } as PacketRow);
    timeline.choose(40);
    await settle();
    timeline.fold(false);
    await settle();
    const since = timeline.rows.map((row) => [row?.number, row?.since_us]);
    expect(since.slice(2, 7)).toEqual([
      [41, 1_000],
      [42, 1_000],
      [43, 1_000],
      [44, 5_500],
      [45, 4_000],
    ]);
  });

  it('does nothing for a packet alone, and nothing while every packet has its line', async () => {
    timeline.choose(38);
    await settle();
    timeline.fold(false);
    expect(timeline.filter.open).toEqual([]);
    timeline.narrow({ grouped: false });
    await settle();
    expect(numbers()).toContain(42);
    timeline.choose(40);
    await settle();
    timeline.fold(true);
    expect(timeline.filter.open).toEqual([]);
  });
});

describe('the chosen packet', () => {
  const row: PacketRow = { ...PACKET, number: 7, kind: 'PUBLISH', qos: 1, packet_id: 258 };
  const parts = [
    fixedHeader('PUBLISH', 0x32, 9),
    {
      name: 'Variable header',
      parts: [
        { name: 'Topic Name', value: 'a/b', bytes: text('a/b') },
        { name: 'Packet Identifier', value: '258', bytes: two(258) },
      ],
    },
    { name: 'Payload', value: 'hi', bytes: [0x68, 0x69] },
  ];
  let inspection: PacketInspection;
  const name = () => inspection.chosen?.name;

  function put(part: Partial<PacketRow> = {}): void {
    engine.packets.rows = [{ ...row, ...part }];
    engine.packets.details.set(7, detailOf({ ...row, ...part }, parts));
    inspection = new PacketInspection('p');
  }

  it('leads from a byte to its innermost field and from a field to its first byte', async () => {
    put();
    await inspection.show(7);
    expect(inspection.chosen).toBeNull();
    inspection.chooseByte(8);
    expect(name()).toBe('Packet Identifier');
    inspection.chooseByte(0);
    expect(name()).toBe('Packet type');
    inspection.chooseField(inspection.detail?.fields.findIndex((f) => f.name === 'Payload') ?? -1);
    expect(inspection.byte).toBe(9);
    inspection.chooseByte(900);
    expect([inspection.byte, name()]).toEqual([10, 'Payload']);
    inspection.hoverByte(3);
    expect(inspection.detail?.fields[inspection.hovered]?.name).toBe('Topic Name');
    inspection.hoverByte(-1);
    expect(inspection.hovered).toBe(-1);
  });

  it('chooses the field that breaks a rule', async () => {
    put({ fault: { at: 4, len: 1, rule: '[MQTT-1.5.4-1]', text: 'No UTF-8.' } });
    await inspection.show(7);
    expect(name()).toBe('Topic Name');
  });

  it('stays when it was forgotten, and says so of one that is asked for later', async () => {
    put();
    await inspection.show(7);
    engine.packets.forget(1);
    await inspection.show(7);
    expect(inspection.detail?.row.number).toBe(7);
    await inspection.show(8);
    expect(inspection.error?.code).toBe('packet.gone');
    expect(inspection.detail).toBeNull();
    await inspection.show(null);
    expect(inspection.error).toBeNull();
  });
});
