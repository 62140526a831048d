/** A view of a history: what the eye reads stays, whatever is found, and the last wish wins. */
import { beforeEach, describe, expect, it } from 'vitest';

import { CONDITIONS, settle, shown, type PagedEngine } from '../../tests/paged-engine';
import { ROW_HEIGHT, type HistoryState } from './history.svelte';

let engine: PagedEngine;
let history: HistoryState;
let ids: () => (number | undefined)[];

/** Every tenth number up to `last`, from `first`. */
const tenths = (first: number, last: number) =>
  Array.from({ length: (last - first) / 10 + 1 }, (_, at) => first + at * 10);

beforeEach(async () => {
  ({ engine, history, ids } = await shown());
  engine.receive(10_000, history);
  await settle();
  engine.found = tenths(8_010, 10_000);
});

describe('a view', () => {
  it('shows its newest messages, and follows them', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    expect(history.view).toBe(1);
    expect(history.total).toBe(200);
    expect(history.filter).toEqual(CONDITIONS);
    expect(ids()).toEqual(tenths(9_910, 10_000));
    engine.lastId = 10_020;
    engine.find(1, tenths(8_010, 10_020));
    await settle();
    expect(ids()).toEqual(tenths(9_930, 10_020));
    expect(history.position.newBelow).toBe(0);
  });

  it('follows its newest message while older ones are found', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    const before = ids();
    engine.find(1, tenths(10, 10_000));
    await settle();
    expect(ids()).toEqual(before);
    expect(history.position.total).toBe(1_000);
  });

  it('does not move what the eye reads while older ones are found and new ones come', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    history.moveTo(100 * ROW_HEIGHT + 7);
    await settle();
    const before = ids();
    expect(before[0]).toBe(9_010);
    engine.find(1, tenths(5_010, 10_000), { complete: false });
    await settle();
    expect(ids()).toEqual(before);
    expect(history.position.visible.cut).toBe(7);
    expect(history.position.visible.first).toBe(400);
    // What was there and had not been on screen; not what was found behind the person's back.
    expect(history.position.newBelow).toBe(0);
    engine.lastId = 10_050;
    engine.find(1, tenths(10, 10_050));
    await settle();
    expect(ids()).toEqual(before);
    expect(history.position.newBelow).toBe(5);
  });

  it('does not move when limits remove its oldest', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    history.moveTo(100 * ROW_HEIGHT);
    await settle();
    const before = ids();
    engine.find(1, tenths(8_510, 10_000));
    await settle();
    expect(ids()).toEqual(before);
  });

  it('scrolls on without a jump while older ones are found', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    history.moveTo(150 * ROW_HEIGHT);
    await settle();
    engine.find(1, tenths(5_010, 10_000));
    // The answer is not here yet; what is loaded covers only a part of what becomes visible.
    history.moveTo(history.position.top - 60 * ROW_HEIGHT);
    await settle();
    expect(ids()[0]).toBe(8_010 + 90 * 10);
  });

  it('narrows further', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    await Promise.all([history.narrow({ topics: ['a/b'], without_topics: ['x'] }), settle()]);
    expect(history.filter).toEqual({ ...CONDITIONS, topics: ['a/b'], without_topics: ['x'] });
    await Promise.all([history.narrow({ without_topics: ['x', 'y'] }), settle()]);
    expect(history.filter?.without_topics).toEqual(['x', 'y']);
  });

  it('is told apart from the whole history, whose events do not move it', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    const before = ids();
    engine.receive(100, history);
    await settle();
    expect(ids()).toEqual(before);
    expect(history.total).toBe(200);
  });
});

describe('leaving a view', () => {
  it('shows everything around the chosen message', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    history.choose(20);
    await settle();
    expect(history.selected).toEqual({ id: 8_210 });
    await Promise.all([history.show(null), settle()]);
    expect(history.view).toBeNull();
    expect(history.selected).toEqual({ id: 8_210 });
    expect(ids()[0]).toBe(8_210);
    expect(ids()).toContain(8_211);
    expect(engine.views.size).toBe(0);
  });

  it('goes on following where nothing is chosen', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    await Promise.all([history.show(null), settle()]);
    expect(ids().at(-1)).toBe(10_000);
    expect(history.position.follow).toBe(true);
  });
});

describe('opening views', () => {
  it('lets the last wish win, whatever comes first, and closes the others', async () => {
    engine.held = [];
    const wishes = [history.show(CONDITIONS)];
    engine.found = [42];
    wishes.push(history.show({ ...CONDITIONS, retain: true }));
    engine.found = [7, 8];
    wishes.push(history.show({ ...CONDITIONS, dup: true }));
    await settle();
    expect(history.filter).toBeNull();
    const [first, second, third] = engine.held;
    third?.();
    await settle();
    second?.();
    first?.();
    await Promise.all([...wishes, settle()]);
    expect(history.filter?.dup).toBe(true);
    expect(ids()).toEqual([7, 8]);
    expect([...engine.views.keys()]).toEqual([3]);
  });

  it('keeps what was shown until the first rows are there', async () => {
    engine.held = [];
    const wish = history.show(CONDITIONS);
    await settle();
    expect(ids().at(-1)).toBe(10_000);
    engine.receive(1, history);
    await settle();
    expect(ids().at(-1)).toBe(10_001);
    engine.held[0]?.();
    await Promise.all([wish, settle()]);
    expect(ids().at(-1)).toBe(10_000);
  });

  it('keeps what was shown where the engine refuses, and says why', async () => {
    const refusal = { code: 'filter.invalid', message: '', hint: '', details: {} };
    Object.defineProperty(engine, 'found', {
      get: () => {
        throw refusal;
      },
    });
    await history.show(CONDITIONS);
    expect(history.filter).toBeNull();
    expect(history.refused).toBe(refusal);
    expect(ids().at(-1)).toBe(10_000);
  });

  it('opens a view that is gone again, at the same place', async () => {
    await Promise.all([history.show(CONDITIONS), settle()]);
    history.moveTo(100 * ROW_HEIGHT);
    await settle();
    const before = ids();
    engine.views.clear();
    engine.found = tenths(5_010, 10_000);
    history.refresh();
    await settle();
    expect(history.view).toBe(2);
    expect(history.error).toBeNull();
    expect(ids()).toEqual(before);
    engine.views.clear();
    await Promise.all([history.load(), settle()]);
    expect(history.view).toBe(3);
    expect(ids()).toEqual(before);
  });
});
