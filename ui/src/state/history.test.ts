import { flushSync } from 'svelte';
import { beforeEach, describe, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { Page, PageFrom, Row } from '$src/bindings/engine';
import type { Clock } from '$src/lib/pull';

import { HistoryState, ROW_HEIGHT } from './history.svelte';

/** An engine that holds one history of numbered messages. */
class Engine {
  firstId = 1;
  lastId = 0;
  pulls: { first: number; count: number }[] = [];
  revision = 0;

  constructor() {
    useBackend({
      call: (name: string, args: { from: PageFrom; count: number }) =>
        Promise.resolve(name === 'history_page' ? this.page(args) : this.stats()),
    } as unknown as Backend);
  }
  get messages() {
    return this.lastId - this.firstId + 1;
  }
  stats() {
    const { messages, firstId, lastId } = this;
    const ids = { first_id: firstId, last_id: lastId };
    const removed = { messages: 0, bytes: 0, since_us: null };
    const counts = { messages, bytes_on_disk: 0, received: 0, sent: 0 };
    return { ...counts, ...ids, set_aside: null, removed, recording: true };
  }
  page({ from, count }: { from: PageFrom; count: number }): Page {
    if (from.kind !== 'place') throw new Error(from.kind);
    const first = from.place;
    this.pulls.push({ first, count });
    const rows: Row[] = [];
    for (let index = first; index < Math.min(first + count, this.messages); index += 1) {
      rows.push({ ...ROW, index, id: this.firstId + index });
    }
    return { first, total: this.messages, anchor: null, rows };
  }
  receive(count: number, history: HistoryState) {
    this.lastId += count;
    this.tell(history);
  }
  clear(history: HistoryState) {
    this.firstId = this.lastId + 1;
    this.tell(history);
  }
  tell(history: HistoryState) {
    this.revision += 1;
    const { profile } = history;
    history.changed({
      event: 'history',
      profile,
      stats: this.stats(),
      revision: this.revision,
      fault: null,
    });
  }
}

const ROW: Row = {
  index: 0,
  id: 0,
  time_us: 0,
  direction: 'received',
  topic: 't',
  qos: 0,
  retain: false,
  dup: false,
  size: 1,
  preview: 'x',
  outcome: null,
  bookmark: null,
};

/** A clock whose timers run at once, so that a test waits for nothing. */
const noTime: Clock = {
  now: () => 0,
  after: (_ms, run) => {
    queueMicrotask(run);
    return () => undefined;
  },
};

const settle = async () => {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
  flushSync();
};

const ids = (history: HistoryState) => history.rows.map((row) => row?.id);

let engine: Engine;
let history: HistoryState;

beforeEach(async () => {
  engine = new Engine();
  history = new HistoryState('p', { ...noTime, now: () => engine.pulls.length * 1_000 });
  history.resize(10 * ROW_HEIGHT);
  history.watch();
  await settle();
});

describe('following', () => {
  it('shows the newest rows and no empty one', async () => {
    engine.receive(1_000, history);
    await settle();
    expect(ids(history)).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
    engine.receive(100_000, history);
    expect(ids(history)).not.toContain(undefined);
    await settle();
    expect(ids(history).at(-1)).toBe(101_000);
    expect(history.position.newBelow).toBe(0);
  });

  it('asks for what it shows, however many come', async () => {
    engine.receive(1_000_000, history);
    await settle();
    expect(Math.max(...engine.pulls.map((pull) => pull.count))).toBeLessThanOrEqual(100);
  });

  it('goes on while everything fits the pane', async () => {
    engine.receive(3, history);
    await settle();
    history.pause();
    history.pick({ ...ROW, id: 2, index: 1 });
    expect(history.position.follow).toBe(true);
    engine.receive(20, history);
    await settle();
    expect(ids(history).at(-1)).toBe(23);
  });

  it('is not pulled while no pane shows it', async () => {
    const other = new HistoryState('q', noTime);
    other.resize(240);
    const before = engine.pulls.length;
    engine.receive(5, other);
    await settle();
    expect(engine.pulls.length).toBe(before);
  });
});

describe('pausing', () => {
  beforeEach(async () => {
    engine.receive(1_000, history);
    await settle();
    history.moveTo(history.position.top - 5 * ROW_HEIGHT);
    await settle();
  });

  it('does not move what the eye reads while messages come', async () => {
    const shown = ids(history);
    expect(shown[0]).toBe(986);
    const top = history.position.top;
    engine.receive(1_204, history);
    await settle();
    expect(ids(history)).toEqual(shown);
    expect(history.position.top).toBe(top);
    expect(history.position.newBelow).toBe(1_204);
  });

  it('pulls nothing while what is visible cannot change', async () => {
    const before = engine.pulls.length;
    for (let n = 0; n < 30; n += 1) engine.receive(1_000, history);
    await settle();
    expect(engine.pulls.length).toBe(before);
  });

  it('ends at the newest row, by jump or by scrolling', async () => {
    engine.receive(50, history);
    history.resume();
    await settle();
    expect(ids(history).at(-1)).toBe(1_050);
    expect(history.position.follow).toBe(true);
    history.moveTo(0);
    await settle();
    expect(ids(history)[0]).toBe(1);
    history.moveTo(Number.MAX_SAFE_INTEGER);
    await settle();
    expect(ids(history).at(-1)).toBe(1_050);
  });

  it('reaches any of 50 million rows with one pull', async () => {
    engine.receive(50_000_000, history);
    await settle();
    const before = engine.pulls.length;
    history.moveTo(31_234_567 * ROW_HEIGHT);
    await settle();
    expect(ids(history)[0]).toBe(31_234_568);
    expect(engine.pulls.length).toBe(before + 1);
  });
});

describe('choosing rows', () => {
  beforeEach(async () => {
    engine.receive(1_000, history);
    await settle();
  });

  it('steps through rows and pulls those that were not there', async () => {
    history.step(-1);
    expect(history.selected).toEqual({ id: 1_000, index: 999 });
    history.step(-1);
    expect(history.selected?.id).toBe(999);
    history.choose(0);
    await settle();
    expect(history.selected).toEqual({ id: 1, index: 0 });
    expect(ids(history)[0]).toBe(1);
    expect(history.position.follow).toBe(false);
    history.step(25);
    await settle();
    expect(history.selected?.id).toBe(26);
    expect(ids(history)).toContain(26);
  });

  it('stays within the list', async () => {
    history.step(100_000);
    expect(history.selected?.id).toBe(1_000);
    history.step(-100_000);
    await settle();
    expect(history.selected?.id).toBe(1);
  });

  it('keeps the chosen message while others come', async () => {
    history.pick({ ...ROW, id: 995, index: 994 });
    engine.receive(500, history);
    await settle();
    expect(history.selected?.id).toBe(995);
    expect(history.position.follow).toBe(false);
  });
});

describe('clearing', () => {
  it('leaves an empty list that follows, and numbers go on', async () => {
    engine.receive(1_000, history);
    await settle();
    history.choose(3);
    await settle();
    engine.clear(history);
    await settle();
    expect(history.rows).toEqual([]);
    expect(history.selected).toBeNull();
    engine.receive(2, history);
    await settle();
    expect(ids(history)).toEqual([1_001, 1_002]);
  });

  it('keeps the place when only the oldest go', async () => {
    engine.receive(1_000, history);
    await settle();
    history.moveTo(500 * ROW_HEIGHT);
    history.pick({ ...ROW, id: 503, index: 502 });
    await settle();
    const shown = ids(history);
    engine.firstId = 201;
    engine.tell(history);
    await settle();
    expect(ids(history)).toEqual(shown);
    expect(history.selected).toEqual({ id: 503, index: 302 });
  });
});
