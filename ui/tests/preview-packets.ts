/**
 * The timeline of packets, for the preview. Scenes: packets (folded), packets-open (an exchange unfolded, its first packet
 * chosen), packets-fault (a malformed packet chosen), packets-connect (a masked password), packets-large, packets-pings,
 * packets-export, packets-kinds, packets-off, packets-empty, packets-nothing, packets-flood (50,000 a second);
 * packets-carried (from a message to its packet), packets-unfound (its packet is gone), packets-back (and back).
 */
import type { Direction, PacketDetail, PacketRow } from '$src/bindings/engine';
import { historyOf } from '$src/state/histories';
import { showMiddle } from '$src/state/packets-middle';
import { timelineOf } from '$src/state/packets-of';

import type { MemoryEngine } from './memory';
import { detailOf, fixedHeader, PACKET, text, two, type Part } from './packet-bytes';

const START = Date.UTC(2026, 10, 21, 10, 13) * 1_000;

/** Lays packets one after the other. */
class Wire {
  readonly details: PacketDetail[] = [];
  #time = START;
  #number = 0;
  connection = 1;

  add(
    direction: Direction,
    after_us: number,
    part: Partial<PacketRow>,
    first: number,
    parts: Part[],
  ): PacketRow {
    this.#number += 1;
    this.#time += after_us;
    const rest = detailOf(PACKET, parts).kept;
    const row = {
      ...{ ...PACKET, number: this.#number, connection: this.connection, direction },
      ...{ time_us: this.#time, size: rest + 2, ...part },
    };
    const detail = detailOf(row, [fixedHeader(row.kind, first, rest), ...parts]);
    this.details.push(detail);
    return detail.row;
  }
}

const identifier = (id: number): Part => ({
  name: 'Packet Identifier',
  value: String(id),
  bytes: two(id),
});
const success: Part = { name: 'Reason Code', value: '0', reason: 0, bytes: [0] };
const none: Part = { name: 'Property Length', value: '0', bytes: [0] };

function connect(wire: Wire): void {
  const sent = wire.add('sent', 4_200, { kind: 'CONNECT' }, 0x10, [
    {
      name: 'Variable header',
      parts: [
        { name: 'Protocol Name', value: 'MQTT', bytes: text('MQTT') },
        { name: 'Protocol Version', value: '5', bytes: [5] },
        {
          name: 'Connect Flags',
          value: '0xC2: User Name, Password, Clean Start',
          bytes: [0xc2],
        },
        { name: 'Keep Alive', value: '60 s', bytes: two(60) },
        {
          name: 'Properties',
          parts: [
            { name: 'Property Length', value: '5', bytes: [5] },
            { name: 'Session Expiry Interval', value: '3600 s', bytes: [0x11, 0, 0, 0x0e, 0x10] },
          ],
        },
      ],
    },
    {
      name: 'Payload',
      parts: [
        {
          name: 'Client Identifier',
          value: 'mqttscope-4f9a1c7e',
          bytes: text('mqttscope-4f9a1c7e'),
        },
        { name: 'User Name', value: 'gateway', bytes: text('gateway') },
        { name: 'Password', masked: true, bytes: [0, 8, ...text('hunter22').slice(2)] },
      ],
    },
  ]);
  const answer = wire.add('received', 18_400, { kind: 'CONNACK', reason: 0 }, 0x20, [
    {
      name: 'Variable header',
      parts: [
        { name: 'Connect Acknowledge Flags', value: '0: Session Present off', bytes: [0] },
        success,
        {
          name: 'Properties',
          parts: [
            { name: 'Property Length', value: '6', bytes: [6] },
            { name: 'Receive Maximum', value: '32', bytes: [0x21, 0, 32] },
            { name: 'Topic Alias Maximum', value: '10', bytes: [0x22, 0, 10] },
          ],
        },
      ],
    },
  ]);
  pair(sent, answer);
}

function pair(...rows: PacketRow[]): void {
  const [first, last] = [rows[0], rows.at(-1)];
  if (!first || !last) return;
  const exchange = {
    first: first.number,
    packets: rows.length,
    complete: true,
    round_trip_us: last.time_us - first.time_us,
  };
  for (const row of rows) row.exchange = exchange;
}

function ack(wire: Wire, way: Direction, kind: PacketRow['kind'], first: number, id: number) {
  return wire.add(way, 6_130 + id * 37, { kind, packet_id: id, reason: 0 }, first, [
    { name: 'Variable header', parts: [identifier(id), success, none] },
  ]);
}

function publish(
  wire: Wire,
  way: Direction,
  topic: string,
  payload: string,
  qos: 0 | 1 | 2,
  id: number,
) {
  const parts: Part[] = [
    { name: 'Topic Name', value: topic, bytes: text(topic) },
    ...(qos > 0 ? [identifier(id)] : []),
    {
      name: 'Properties',
      parts: [
        { name: 'Property Length', value: '15', bytes: [15] },
        {
          name: 'User Property',
          parts: [
            { name: 'Identifier', value: '0x26', bytes: [0x26] },
            { name: 'Name', value: 'line', bytes: text('line') },
            { name: 'Value', value: '\u202e<b>7', bytes: text('no 7!!') },
          ],
        },
      ],
    },
  ];
  const row = { kind: 'PUBLISH' as const, topic, qos, packet_id: qos > 0 ? id : null };
  return wire.add(
    way,
    41_000 + id * 511,
    { ...row, retain: id % 5 === 0, dup: id === 3 },
    0x30 | (qos << 1),
    [
      { name: 'Variable header', parts },
      { name: 'Payload', value: payload, bytes: [...new TextEncoder().encode(payload)] },
    ],
  );
}

function exchange(wire: Wire, id: number): void {
  const topic = 'plant-a/s1/cmd';
  const [first, second, third, last] = [
    publish(wire, 'sent', topic, '{"cmd":"reset"}', 2, id),
    ack(wire, 'received', 'PUBREC', 0x50, id),
    ack(wire, 'sent', 'PUBREL', 0x62, id),
    ack(wire, 'received', 'PUBCOMP', 0x70, id),
  ];
  pair(first, second, third, last);
}

function malformed(wire: Wire): void {
  const fault = {
    at: 5,
    len: 2,
    rule: '[MQTT-1.5.4-1]',
    text: 'The Topic Name is not UTF-8: byte 5 begins a surrogate, which UTF-8 does not encode.',
  };
  wire.add('received', 802_000, { kind: 'PUBLISH', qos: 0, fault }, 0x30, [
    {
      name: 'Variable header',
      parts: [{ name: 'Topic Name', value: 'a\ufffd', bytes: [0, 4, 0x61, 0xed, 0xa0, 0x80] }],
    },
  ]);
}

function fill(engine: MemoryEngine, scene: string): void {
  const wire = new Wire();
  connect(wire);
  for (let id = 1; id <= 14; id += 1) {
    if (id % 4 === 1) exchange(wire, id);
    else if (id % 4 === 2) {
      pair(
        publish(wire, 'received', `plant-a/s${id % 3}/telemetry`, '{"temp":31.25}', 1, id),
        ack(wire, 'sent', 'PUBACK', 0x40, id),
      );
    } else publish(wire, 'received', `plant-a/s${id % 3}/telemetry`, '{"temp":31.25}', 0, id);
    if (id % 6 === 0) {
      pair(
        wire.add('sent', 60_000_000, { kind: 'PINGREQ', size: 2 }, 0xc0, []),
        wire.add('received', 12_300 + id * 500, { kind: 'PINGRESP', size: 2 }, 0xd0, []),
      );
    }
  }
  malformed(wire);
  wire.add('sent', 240, { kind: 'DISCONNECT', reason: 0x81 }, 0xe0, [
    { name: 'Reason Code', value: '129', reason: 0x81, bytes: [0x81] },
  ]);
  wire.connection = 2;
  connect(wire);
  exchange(wire, 21);
  publish(wire, 'sent', 'plant-a/s1/cmd', '{"cmd":"stop"}', 1, 22).exchange = {
    ...{ first: wire.details.length, packets: 1, complete: false, round_trip_us: null },
  };
  if (scene === 'packets-large') {
    const bulk = 'firmware '.repeat(7_281);
    const row = publish(wire, 'received', 'plant-a/firmware', bulk, 0, 23);
    row.size = 5_242_880;
  }
  const { packets } = engine;
  packets.rows = wire.details.map(({ row }) => row);
  for (const detail of wire.details) packets.details.set(detail.row.number, detail);
  packets.forgotten = scene === 'packets' ? 1_204_331 : 0;
  packets.pings = Array.from({ length: 60 }, (_, at) => ({
    time_us: START + at * 60_000_000,
    took_us:
      at === 41 || at === 42 ? null : 9_000 + ((at * 7_919) % 8_000) + (at === 20 ? 31_000 : 0),
  }));
}

/** The scenes of the timeline. */
export async function showPackets(engine: MemoryEngine, scene: string): Promise<void> {
  if (!scene.startsWith('packets')) return;
  if (scene === 'packets-off') engine.packets.on = false;
  if (scene !== 'packets-off' && scene !== 'packets-empty') fill(engine, scene);
  showMiddle('packets');
  const timeline = timelineOf('a');
  engine.packets.changed('a');
  await rest();
  const find = (kind: string) => engine.packets.rows.findLast((row) => row.kind === kind)?.number;
  const choose = async (number: number | undefined) => {
    if (number === undefined) return;
    await timeline.reveal(number);
    await rest();
  };
  if (scene === 'packets-open') {
    await choose(engine.packets.rows.findLast(({ qos }) => qos === 2)?.number);
    timeline.fold(false);
    await rest();
    click('[data-testid=packet-field][data-name="Packet Identifier"]');
  }
  if (scene === 'packets-fault')
    await choose(engine.packets.rows.find(({ fault }) => fault)?.number);
  if (scene === 'packets-connect') await choose(find('CONNECT'));
  if (scene === 'packets-large') await choose(find('PUBLISH'));
  if (scene === 'packets-pings') click('[data-testid=packets-pings]');
  if (scene === 'packets-kinds') click('[data-testid=packets-kinds]');
  if (scene === 'packets-nothing') timeline.narrow({ kinds: ['AUTH'] });
  if (scene === 'packets-export') {
    timeline.narrow({ kinds: ['PUBLISH'] });
    click('[data-testid=packets-menu]');
    await rest();
    click('[data-testid=packets-export-open]');
    await rest();
    click('[data-testid=packets-export-secrets]');
  }
  if (scene === 'packets-flood') flood(engine);
  if (/carried|unfound|back/.test(scene)) await between(engine, scene);
}

/** From a message to its packet, and back. */
async function between(engine: MemoryEngine, scene: string): Promise<void> {
  const carried = engine.packets.rows.filter(({ kind, fault }) => kind === 'PUBLISH' && !fault);
  engine.rows = carried.map((row, index) => {
    const fields = engine.packets.details.get(row.number)?.fields ?? [];
    const payload = fields.find(({ name }) => name === 'Payload')?.value ?? '';
    return {
      ...{ index, id: index + 1, direction: row.direction, topic: row.topic ?? '' },
      ...{ time_us: row.time_us + (row.direction === 'sent' ? -90 : 90), qos: row.qos ?? 0 },
      ...{ retain: row.retain, dup: row.dup, size: payload.length, preview: payload },
      ...{ outcome: null, bookmark: null },
    };
  });
  const [last] = engine.rows.slice(-4);
  if (!last) return;
  const history = historyOf('a');
  await history.load();
  if (scene === 'packets-unfound') {
    engine.packets.rows = engine.packets.rows.slice(0, 20);
    engine.packets.changed('a');
  }
  showMiddle('messages');
  await rest();
  await history.goTo(last.id);
  await rest();
  click('[data-testid=inspector-show-packet]');
  await rest();
  await rest();
  if (scene === 'packets-back') click('[data-testid=packet-show-message]');
}

/** New packets, 50,000 a second, of which the oldest are forgotten. */
function flood(engine: MemoryEngine): void {
  const { packets } = engine;
  const [pattern] = packets.rows;
  if (!pattern) return;
  let number = packets.rows.length;
  setInterval(() => {
    for (let at = 0; at < 1_650; at += 1) {
      number += 1;
      packets.rows.push({
        ...{
          ...pattern,
          number,
          kind: 'PUBLISH',
          qos: 0,
          topic: `plant-a/s${number % 40}`,
          exchange: null,
        },
        ...{ time_us: START + 1e9 + number * 20, direction: 'received', size: 80, connection: 2 },
      });
    }
    packets.forget(Math.max(0, packets.rows.length - 20_000));
    packets.changed('a');
  }, 33);
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 250));
}

function click(selector: string): void {
  document.querySelector<HTMLElement>(selector)?.click();
}
