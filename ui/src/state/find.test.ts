/** Looking for something within a list: what is opened, where steps lead, and that a stale answer never wins. */
import { beforeEach, describe, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { Commands, MessageId, Row } from '$src/bindings/engine';
import type { Clock } from '$src/lib/pull';
import { userError } from '../../tests/errors';
import { MemoryFind } from '../../tests/memory-find';

import { FindState } from './find.svelte';
import { findChanged } from './finds';

/** A clock that stands until it is moved. */
class HandClock implements Clock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];
  now(): number {
    return this.#now;
  }
  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((each) => each !== timer));
  }
  move(ms: number): void {
    this.#now += ms;
    const due = this.#timers.filter((timer) => timer.at <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.#now);
    for (const timer of due) timer.run();
  }
}

class List {
  readonly profile = 'p';
  view: number | null = null;
  selected: { id: MessageId } | null = null;
  went: MessageId[] = [];
  reveal(id: MessageId): unknown {
    this.went.push(id);
    this.selected = { id };
    return undefined;
  }
}

const rowOf = (id: MessageId, preview: string): Row => ({
  ...{ index: id - 1, id, time_us: id, direction: 'received', topic: `t/${id}`, qos: 0 },
  ...{ retain: false, dup: false, size: preview.length, preview, outcome: null, bookmark: null },
});

let rows: Row[];
let engine: MemoryFind;
let list: List;
let clock: HandClock;
let find: FindState;
let calls: string[];
/** Answers that wait, by command. */
let held: Map<string, (() => void)[]>;
let holds: Set<string>;

const settle = async () => {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
};

const type = async (text: string) => {
  find.edit({ text });
  clock.move(300);
  await settle();
};

beforeEach(() => {
  rows = [];
  for (let id = 1; id <= 100; id += 1) rows.push(rowOf(id, id % 10 === 0 ? 'alarm' : 'quiet'));
  engine = new MemoryFind(
    () => rows,
    () => undefined,
  );
  calls = [];
  held = new Map();
  holds = new Set();
  useBackend({
    call: async (name: keyof MemoryFind['handlers'], args: never) => {
      calls.push(name);
      const answer = (engine.handlers[name] as (given: never) => unknown)(args);
      if (!holds.has(name)) return answer;
      return new Promise((resolve) => {
        held.set(name, [...(held.get(name) ?? []), () => resolve(answer)]);
      });
    },
  } as unknown as Backend);
  list = new List();
  clock = new HandClock();
  find = new FindState(list, clock);
  find.show();
});

describe('typing', () => {
  it('opens one search after a rest and goes to the nearest match', async () => {
    list.selected = { id: 45 };
    find.edit({ text: 'a' });
    clock.move(100);
    find.edit({ text: 'alarm' });
    await settle();
    expect(calls).toEqual([]);
    clock.move(300);
    await settle();
    expect(calls.filter((name) => name === 'find_open')).toHaveLength(1);
    expect(list.went).toEqual([40]);
    expect(find.marking.found).toBe(10);
    expect(find.at).toEqual({ id: 40, number: 4 });
  });

  it('begins with the newest match where nothing is chosen', async () => {
    await type('alarm');
    expect(list.went).toEqual([100]);
  });

  it('does not drift while the words are refined', async () => {
    find.close();
    list.selected = { id: 50 };
    find.show();
    await type('ala');
    await type('alarm');
    expect(list.went).toEqual([50, 50]);
  });

  it('says what is wrong with an expression, and forgets it with the next', async () => {
    find.edit({ regex: true });
    await type('(');
    expect(find.error?.code).toBe('filter.invalid');
    await type('al(arm)');
    expect(find.error).toBeNull();
    expect(find.marking.found).toBe(10);
  });

  it('finds topics too, unless it is told not to', async () => {
    await type('t/7');
    expect(find.marking.found).toBe(11);
    find.edit({ topics: false });
    clock.move(300);
    await settle();
    expect(find.marking.found).toBe(0);
    expect(find.note).toBe('none');
  });
});

describe('stepping', () => {
  beforeEach(() => type('alarm'));

  it('goes both ways and round at the ends, and says so', async () => {
    await find.step('newer');
    expect(list.went.at(-1)).toBe(10);
    expect(find.note).toBe('from_oldest');
    await find.step('newer');
    expect(list.went.at(-1)).toBe(20);
    expect(find.note).toBeNull();
    await find.step('older');
    await find.step('older');
    expect(list.went.at(-1)).toBe(100);
    expect(find.note).toBe('from_newest');
    expect(find.at?.number).toBe(10);
  });

  it('begins at the row that a person chose meanwhile', async () => {
    list.selected = { id: 33 };
    await find.step('newer');
    expect(list.went.at(-1)).toBe(40);
  });

  it('goes on from the last match while the list is still on its way there', async () => {
    list.reveal = (id) => list.went.push(id);
    await find.step('older');
    await find.step('older');
    expect(list.went.slice(-2)).toEqual([90, 80]);
  });

  it('goes to a mark that is clicked', async () => {
    await find.stepTo(70);
    expect(list.went.at(-1)).toBe(70);
  });

  it('has no number before everything was looked at, and gets one then', async () => {
    const state = { scanned: 0, remaining: 9, halted: false, fault: null };
    findChanged({ event: 'find', find: 1, state: { ...state, found: 3, complete: false } });
    await find.step('older');
    expect(find.at).toEqual({ id: 90, number: null });
    findChanged({ event: 'find', find: 1, state: { ...state, found: 10, complete: true } });
    clock.move(600);
    await settle();
    expect(find.at).toEqual({ id: 90, number: 9 });
  });

  it('opens a search that the engine has closed again', async () => {
    engine.open.clear();
    await find.step('older');
    await settle();
    expect(list.went.at(-1)).toBe(90);
    expect(find.error).toBeNull();
  });
});

describe('answers that come late', () => {
  it('do not win over a newer search, which alone stays open', async () => {
    holds.add('find_open');
    await type('quiet');
    await type('alarm');
    const [first, second] = held.get('find_open') ?? [];
    second?.();
    await settle();
    first?.();
    await settle();
    expect(find.marking.found).toBe(10);
    expect(engine.open.size).toBe(1);
    expect(list.went).toEqual([100]);
  });

  it('do not move the list once the bar is closed', async () => {
    holds.add('find_step');
    await type('alarm');
    find.close();
    const late = held.get('find_step') ?? [];
    expect(late).toHaveLength(1);
    for (const answer of late) answer();
    await settle();
    expect(list.went).toEqual([]);
    expect(engine.open.size).toBe(0);
  });
});

describe('another view', () => {
  it('is searched for the same, without moving', async () => {
    await type('alarm');
    list.view = 7;
    find.viewChanged();
    await settle();
    expect(list.went).toEqual([100]);
    expect([...engine.open.values()].map(({ view }) => view)).toEqual([7]);
    expect(find.marking.found).toBe(10);
  });

  it('that is gone is told until the list has a new one', async () => {
    await type('alarm');
    const { find_open } = engine.handlers;
    engine.handlers.find_open = () => {
      throw userError('view.gone');
    };
    list.view = 7;
    find.viewChanged();
    await settle();
    expect(find.error?.code).toBe('view.gone');
    engine.handlers.find_open = find_open;
    list.view = 8;
    find.viewChanged();
    await settle();
    expect(find.error).toBeNull();
    expect(find.marking.found).toBe(10);
  });
});

it('reads the marks at most twice a second, as many as fit', async () => {
  await type('alarm');
  find.marking.fit(10);
  const before = calls.filter((name) => name === 'find_marks').length;
  const state: Commands['view_state']['result'] = {
    ...{ found: 10, scanned: 0, remaining: 0, complete: true, halted: false, fault: null },
  };
  for (let time = 0; time < 20; time += 1) {
    findChanged({ event: 'find', find: 1, state });
    clock.move(50);
    await settle();
  }
  const read = calls.filter((name) => name === 'find_marks').length - before;
  expect(read).toBeGreaterThan(0);
  expect(read).toBeLessThanOrEqual(2);
  expect(find.marking.marks.counts).toHaveLength(10);
});
