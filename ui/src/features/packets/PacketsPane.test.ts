/** The panes of the timeline on an engine in memory: filter, export, what is said while nothing is shown, and marked bytes. */
import { flushSync, mount, unmount } from 'svelte';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';

import { useBackend } from '$src/backend';
import type { PacketRow } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { showPacketOf, showPackets } from '$src/state/packets-middle';
import { timelineOf } from '$src/state/packets-of';
import type { Timeline } from '$src/state/packets.svelte';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import { detailOf, fixedHeader, PACKET, text, two } from '../../../tests/packet-bytes';
import { ROW } from '../../../tests/paged-engine';

import PacketPane from './PacketPane.svelte';
import PacketsPane from './PacketsPane.svelte';

const HOSTILE = 'a/<img src=x onerror="globalThis.ran = 1">\u202e';

let engine: MemoryEngine;
let timeline: Timeline;
let id: string;
let mounted: object[];
let number = 0;

const byId = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
const all = (testid: string) => [
  ...document.querySelectorAll<HTMLElement>(`[data-testid="${testid}"]`),
];
const words = (testid: string) => byId(testid)?.textContent?.trim().replace(/\s+/g, ' ');

const settle = async () => {
  for (let turn = 0; turn < 60; turn += 1) {
    await Promise.resolve();
    flushSync();
  }
};
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function click(testid: string) {
  byId(testid)?.click();
  await settle();
}

async function press(target: string, key: string) {
  byId(target)?.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }),
  );
  await settle();
}

/** A PUBLISH whose Packet Identifier are the bytes 5 and 6 behind a topic of one byte. */
function publish(at: number, part: Partial<PacketRow> = {}) {
  const row: PacketRow = {
    ...{ ...PACKET, number: at, time_us: at * 1_000, qos: 1, packet_id: at, topic: HOSTILE },
    ...part,
  };
  const detail = detailOf(row, [
    fixedHeader('PUBLISH', 0x32, 5),
    {
      name: 'Variable Header',
      parts: [
        { name: 'Topic Name', value: 'a', bytes: text('a') },
        { name: 'Packet Identifier', value: String(at), bytes: two(at) },
      ],
    },
    { name: 'Payload', masked: true, bytes: [1, 2, 3] },
  ]);
  engine.packets.rows.push(detail.row);
  engine.packets.details.set(at, detail);
}

async function changed() {
  timeline.changed({ event: 'packets', profile: id, state: engine.packets.state() });
  timeline.resize(480);
  await pass(120);
  await settle();
}

// One clock for all tests: what takes turns remembers when it had its last.
beforeAll(() => {
  vi.useFakeTimers();
});

afterAll(() => {
  vi.useRealTimers();
});

beforeEach(async () => {
  number += 1;
  id = `packets-${number}`;
  engine = new MemoryEngine();
  const profile = profileOf(id, { name: 'plant' });
  engine.profiles = [profile];
  useBackend(engine);
  await app.start();
  timeline = timelineOf(id);
  mounted = [PacketsPane, PacketPane].map((pane) =>
    mount(pane, { target: document.body, props: { profile } }),
  );
  await settle();
});

afterEach(async () => {
  for (const each of mounted) await unmount(each);
  document.body.replaceChildren();
});

it('says what to do while there is nothing, and while nothing is taken down', async () => {
  expect(words('packets-empty')).toContain('Connect');
  await click('packets-record');
  await changed();
  expect(byId('packets-empty-off')).not.toBeNull();
  await click('packets-empty-on');
  await changed();
  expect(engine.packets.on).toBe(true);
  expect(byId('packets-empty-off')).toBeNull();
});

it('lists packets, marks the faulty ones, and shows strangers\u2019 text as text', async () => {
  publish(1);
  publish(2, { fault: { at: 2, len: 1, rule: '[MQTT-1.5.4-1]', text: 'No UTF-8.' } });
  await changed();
  expect(all('packet-row').map((row) => row.dataset['packet'])).toEqual(['1', '2']);
  expect(all('packet-about')[0]?.textContent).toContain('‹U+202E›');
  expect(document.querySelector('img')).toBeNull();
  expect(all('packet-row')[1]?.dataset['fault']).toBe('');
  expect(words('packets-faults')).toBe('1 faulty');
  timeline.choose(1);
  await settle();
  expect(words('packet-rule')).toBe('[MQTT-1.5.4-1]');
  expect(words('packet-fault')).toContain('No UTF-8.');
});

it('filters by type, identifier and topic, and says when nothing is left', async () => {
  publish(1);
  publish(2, { kind: 'PUBACK', topic: null });
  await changed();
  await click('packets-kinds');
  byId('packets-kind-puback')?.click();
  await settle();
  expect(all('packet-row').map((row) => row.dataset['kind'])).toEqual(['PUBACK']);
  expect(words('packets-kinds')).toContain('PUBACK');
  await click('packets-widen');
  const field = byId('packets-id') as HTMLInputElement;
  field.value = '70000';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
  expect(words('packets-id-problem')).toContain('65,535');
  field.value = '9';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await press('packets-id', 'Enter');
  await settle();
  expect(timeline.filter.packet_id).toBe(9);
  expect(byId('packets-nothing')).not.toBeNull();
  await click('packets-nothing-clear');
  expect(all('packet-row')).toHaveLength(2);
});

it('marks the bytes of a field, and finds the field of a byte, by mouse and by keys', async () => {
  publish(258);
  await changed();
  timeline.choose(0);
  await settle();
  const tree = byId('packet-fields') as HTMLElement;
  const hex = byId('packet-bytes') as HTMLElement;
  expect(tree.getAttribute('aria-activedescendant')).toBeNull();
  // Nothing is laid out here, so no line is drawn; the elements tell what is chosen.
  await press('packet-fields', 'End');
  expect(hex.getAttribute('aria-activedescendant')).toMatch(/-7$/);
  expect(words('packet-part')).toBe('byte 7, 3 B');
  expect(byId('packet-copy-value')?.hasAttribute('disabled')).toBe(true);
  await press('packet-bytes', 'ArrowLeft');
  expect(words('packet-part')).toBe('byte 5, 2 B');
  await click('packet-copy-value');
  expect(engine.clipboard).toBe('258');
  await press('packet-fields', 'ArrowLeft');
  expect(words('packet-part')).toBe('byte 2, 5 B');
  await click('packet-copy-bytes');
  expect(engine.clipboard).toBe('32 05 00 01 61 01 02 2a 2a 2a');
});

it('says plainly that only the beginning of a large packet is kept', async () => {
  publish(1, { size: 5_242_880 });
  await changed();
  timeline.choose(0);
  await settle();
  expect(words('packet-part')).toBe('first 10 B of 5,242,880 B');
});

it('exports what the filter shows, masked unless asked otherwise', async () => {
  publish(1);
  publish(2, { kind: 'PUBACK' });
  await changed();
  timeline.narrow({ kinds: ['PUBACK'] });
  await settle();
  await click('packets-menu');
  await click('packets-export-open');
  const path = byId('packets-export-path') as HTMLInputElement;
  path.value = '/tmp/p.pcapng';
  path.dispatchEvent(new Event('input', { bubbles: true }));
  await settle();
  await click('packets-export-start');
  expect(engine.packets.exported).toMatchObject({
    path: '/tmp/p.pcapng',
    export: { format: 'pcapng', secrets: false, filter: { kinds: ['PUBACK'], grouped: false } },
  });
  expect(engine.jobs.list[0]).toMatchObject({ kind: 'export_packets', state: 'running' });
  expect(byId('packets-export-warning')).toBeNull();
  engine.jobs.put(1, { state: 'done', result: { messages: 1, bytes: 60, first: null } });
  await settle();
  byId('packets-export-secrets')?.click();
  await settle();
  expect(words('packets-export-warning')).toContain('in the clear');
  await click('packets-export-close');
});

it('clears after it has asked', async () => {
  publish(1);
  await changed();
  await click('packets-menu');
  await click('packets-clear');
  expect(words('packets-clear-dialog')).toContain('1 packets of “plant”');
  await click('packets-clear-dialog-confirm');
  await changed();
  expect(engine.packets.rows).toEqual([]);
  expect(byId('packets-empty')).not.toBeNull();
});

it('shows the packets of a topic, whatever was filtered before', async () => {
  publish(1);
  publish(2, { topic: 'zz/9' });
  await changed();
  timeline.narrow({ kinds: ['PINGREQ'], grouped: false });
  showPackets(id, { topic: 'zz' });
  await settle();
  expect(all('packet-row').map((row) => row.dataset['packet'])).toEqual(['2']);
  expect(app.settings.saved.layout['middle']).toBe(1);
});

it('leads from a message to its packet and back, and says where either is not there', async () => {
  publish(1);
  publish(2, { topic: 'zz/9' });
  await changed();
  const message = {
    ...ROW,
    id: 7,
    direction: 'sent' as const,
    qos: 1 as const,
    topic: 'zz/9',
    size: 3,
  };
  engine.rows = [{ ...message, time_us: 1_990, preview: '***' }];
  await showPacketOf(id, { ...message, time_us: 1_990 });
  await settle();
  expect(timeline.selected?.id).toBe(2);
  expect(byId('packets-unfound')).toBeNull();
  await click('packet-show-message');
  expect(app.settings.saved.layout['middle']).toBe(0);
  timeline.choose(0);
  await settle();
  engine.rows = [];
  await click('packet-show-message');
  await settle();
  expect(words('packet-said')).toContain('history');
  await showPacketOf(id, { ...message, time_us: 9_000_000 });
  await settle();
  expect(words('packets-unfound')).toContain('found');
  await click('packets-widen');
  expect(byId('packets-unfound')).toBeNull();
});

it('draws round trips and says which pings were not answered', async () => {
  timeline.pings.list = [9_000, null, 31_000].map((took_us, at) => ({ time_us: at, took_us }));
  await settle();
  await click('packets-pings');
  expect(words('packets-pings-summary')).toContain('9.00 ms at least');
  expect(words('packets-pings-open')).toContain('1 without an answer');
  expect(
    byId('packets-pings-open')?.querySelectorAll('[data-testid=packets-ping-missing]'),
  ).toHaveLength(1);
});
