/**
 * Two sessions held against each other, for the preview: `comparison` (what is wrong), `comparison-all`, `comparison-missing`,
 * `comparison-different`, `comparison-properties`, `comparison-late` (a chosen row), `comparison-gone` (one that the left side has
 * let go of), `comparison-menu`, `comparison-alike`, `comparison-nothing`, `comparison-busy`, `comparison-fault`,
 * `comparison-live` (rows come).
 */
import type { Row, SidesKind, SidesRow } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { sidesOf } from '$src/state/sides-comparisons';
import { KINDS } from '$src/state/sides-comparison-options';

import { connackOf, snapshotOf, userError, type MemoryEngine } from './memory';
import { sidesMessage, sidesRow } from './memory-sides';

const START = Date.UTC(2026, 10, 21, 10, 13) * 1_000;
const RIGHT = 100_000;

const BLANK: Row = {
  ...{ index: 0, id: 0, time_us: 0, direction: 'received', topic: '', qos: 0, retain: false },
  ...{ dup: false, size: 0, preview: '', outcome: null, bookmark: null },
};

/** What of every hundred messages is not as it should be. */
const ODD: Record<number, SidesKind> = {
  11: 'missing_right',
  12: 'missing_right',
  30: 'late',
  47: 'different',
  48: 'different',
  66: 'missing_left',
  83: 'late',
};

function pair(engine: MemoryEngine, at: number, kind: SidesKind): SidesRow {
  const number = at + 1;
  const topic = at % 100 === 12 ? 'plant-a/<b>\u202e/raw' : `plant-a/s${(at % 4) + 1}/telemetry`;
  const seq = `9007199254740${at}`;
  const preview = `{"temp":${(30 + (at % 50) / 10).toFixed(2)},"rh":44,"seq":${seq},"unit":"°C"}`;
  const isPayload = kind === 'different' && at % 100 === 47;
  const other = isPayload ? preview.replace('"rh":44', '"rh":45.5') : preview;
  const time_us = START + at * 123_457;
  const by = kind === 'late' ? 2_340_000 + at * 517 : ((at * 7_919) % 180_000) - 40_000;
  const left = sidesMessage(number, { time_us, qos: 1, preview, size: preview.length });
  const right = sidesMessage(RIGHT + number, {
    ...{ time_us: time_us + by, qos: 0, preview: other, size: other.length },
  });
  for (const message of [left, right]) {
    const { content, ...rest } = message;
    engine.rows.push({ ...BLANK, ...rest, ...content, topic });
    const version = ['line', message === right && kind === 'different' ? '8' : '7'];
    engine.properties.set(message.id, [
      { name: 'content_type', value: 'application/json' },
      { name: 'user_property', value: version as [string, string] },
      { name: 'user_property', value: ['site', 'north'] },
    ]);
  }
  return sidesRow(number, kind, {
    ...{ time_us, topic, left: kind === 'missing_left' ? null : left },
    right: kind === 'missing_right' || kind === 'waiting' ? null : right,
    difference: kind === 'different' ? (isPayload ? 'payload' : 'properties') : null,
  });
}

function fill(engine: MemoryEngine, scene: string): void {
  engine.rows = [];
  engine.sides.rows = Array.from({ length: 1_204 }, (_, at) => {
    const odd = scene === 'comparison-alike' ? undefined : ODD[at % 100];
    return pair(engine, at, at > 1_195 ? 'waiting' : (odd ?? 'same'));
  });
  if (scene !== 'comparison-gone') return;
  for (const { kind, left } of engine.sides.rows) {
    if (kind === 'different' && left) left.content = null;
  }
}

function state(engine: MemoryEngine, scene: string): void {
  const search = {
    found: 412,
    scanned: 81_204,
    remaining: 118_796,
    complete: false,
    halted: false,
  };
  if (scene === 'comparison-busy') {
    engine.sides.progress = {
      ...{ compared: 0, behind: 824, left: { ...search, fault: null } },
      right: { ...search, fault: null },
    };
  }
  if (scene === 'comparison-all') engine.sides.progress = { let_go: 12_345, properties: false };
  if (scene === 'comparison-fault') {
    engine.sides.progress = { fault: userError('history.failed') };
  }
}

/** The scenes of the comparison. */
export async function showComparison(engine: MemoryEngine, scene: string): Promise<void> {
  if (!scene.startsWith('comparison')) return;
  const connected = snapshotOf('b', {
    ...{ state: 'connected' as const, since_ms: Date.now(), took_ms: 41, tls: null },
    ...{ address: '198.51.100.9:8084', connack: connackOf() },
  });
  engine.set(scene === 'comparison-nothing' ? snapshotOf('b') : connected);
  if (scene === 'comparison-all') {
    engine.profiles = engine.profiles.map((each) =>
      each.id === 'b' ? { ...each, version: '3.1.1' } : each,
    );
    await app.profiles.load();
  }
  if (!['comparison-nothing', 'comparison-busy'].includes(scene)) fill(engine, scene);
  state(engine, scene);
  app.sides.open('a', 'b');
  app.sides.showing = 'comparison';
  await rest();
  const { comparison } = sidesOf('a', 'b');
  const choose = async (kind: SidesKind, difference: SidesRow['difference'] = null) => {
    const row = engine.sides.rows.findLast(
      (each) => each.kind === kind && (difference === null || each.difference === difference),
    );
    if (row) comparison.choose(place(engine, comparison.kinds, row));
    await rest();
  };
  if (scene === 'comparison-all') comparison.showKinds(KINDS);
  if (scene === 'comparison-missing') await choose('missing_right');
  if (scene === 'comparison-different') await choose('different', 'payload');
  if (scene === 'comparison-properties') await choose('different', 'properties');
  if (scene === 'comparison-late') await choose('late');
  if (scene === 'comparison-gone') await choose('different', 'payload');
  if (scene === 'comparison-menu') {
    await choose('missing_right');
    const list = document.querySelector('[data-testid=comparison-list]');
    list?.dispatchEvent(new KeyboardEvent('keydown', { key: 'ContextMenu', bubbles: true }));
  }
  if (scene === 'comparison-live') live(engine);
}

function place(engine: MemoryEngine, kinds: readonly SidesKind[], row: SidesRow): number {
  return engine.sides.rows.filter(({ kind }) => kinds.includes(kind)).indexOf(row);
}

/** Rows come, thirty a second. */
function live(engine: MemoryEngine): void {
  let at = engine.sides.rows.length;
  setInterval(() => {
    engine.sides.rows.push(pair(engine, at, ODD[at % 100] ?? 'same'));
    at += 1;
    engine.sides.changed();
  }, 33);
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 250));
}
