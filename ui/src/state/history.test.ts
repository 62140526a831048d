import { beforeEach, describe, expect, it } from 'vitest';

import { noTime, ROW, settle, shown, type PagedEngine } from '../../tests/paged-engine';
import { HistoryState, ROW_HEIGHT } from './history.svelte';

let engine: PagedEngine;
let history: HistoryState;
let ids: () => (number | undefined)[];

beforeEach(async () => {
  ({ engine, history, ids } = await shown());
});

describe('following', () => {
  it('shows the newest rows and no empty one', async () => {
    engine.receive(1_000, history);
    await settle();
    expect(ids()).toEqual([991, 992, 993, 994, 995, 996, 997, 998, 999, 1_000]);
    engine.receive(100_000, history);
    expect(ids()).not.toContain(undefined);
    await settle();
    expect(ids().at(-1)).toBe(101_000);
    expect(history.position.newBelow).toBe(0);
  });

  it('asks for what it shows, however many come', async () => {
    engine.receive(1_000_000, history);
    await settle();
    expect(Math.max(...engine.pulls.map((pull) => pull.count))).toBeLessThanOrEqual(20);
  });

  it('has rows for the next steps once it is left', async () => {
    engine.receive(1_000, history);
    await settle();
    history.moveTo(history.position.top - ROW_HEIGHT);
    expect(ids()).not.toContain(undefined);
    await settle();
    const before = engine.pulls.length;
    history.moveTo(history.position.top - 30 * ROW_HEIGHT);
    expect(ids()).not.toContain(undefined);
    await settle();
    expect(engine.pulls.length).toBe(before);
  });

  it('goes on while everything fits the pane', async () => {
    engine.receive(3, history);
    await settle();
    history.pause();
    history.pick({ ...ROW, id: 2, index: 1 });
    expect(history.position.follow).toBe(true);
    engine.receive(20, history);
    await settle();
    expect(ids().at(-1)).toBe(23);
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
    const shown = ids();
    expect(shown[0]).toBe(986);
    const top = history.position.top;
    engine.receive(1_204, history);
    await settle();
    expect(ids()).toEqual(shown);
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
    expect(ids().at(-1)).toBe(1_050);
    expect(history.position.follow).toBe(true);
    history.moveTo(0);
    await settle();
    expect(ids()[0]).toBe(1);
    history.moveTo(Number.MAX_SAFE_INTEGER);
    await settle();
    expect(ids().at(-1)).toBe(1_050);
  });

  it('reaches any of 50 million rows with one pull', async () => {
    engine.receive(50_000_000, history);
    await settle();
    const before = engine.pulls.length;
    history.moveTo(31_234_567 * ROW_HEIGHT);
    await settle();
    expect(ids()[0]).toBe(31_234_568);
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
    expect(history.selected).toEqual({ id: 1_000 });
    history.step(-1);
    expect(history.selected?.id).toBe(999);
    history.choose(0);
    await settle();
    expect(history.selected).toEqual({ id: 1 });
    expect(ids()[0]).toBe(1);
    expect(history.position.follow).toBe(false);
    history.step(25);
    await settle();
    expect(history.selected?.id).toBe(26);
    expect(ids()).toContain(26);
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
    expect(ids()).toEqual([1_001, 1_002]);
  });

  it('keeps the place when only the oldest go', async () => {
    engine.receive(1_000, history);
    await settle();
    history.moveTo(500 * ROW_HEIGHT);
    history.pick({ ...ROW, id: 503, index: 502 });
    await settle();
    const shown = ids();
    engine.firstId = 201;
    engine.tell(history);
    await settle();
    expect(ids()).toEqual(shown);
    expect(history.selected).toEqual({ id: 503 });
  });

  it('keeps what the eye reads when messages in the middle go, on either side of it', async () => {
    engine.receive(1_000, history);
    await settle();
    history.moveTo(500 * ROW_HEIGHT);
    await settle();
    const before = ids();
    engine.holes = [100, 101, 102, 400, 700, 701];
    engine.tell(history);
    await settle();
    expect(ids()).toEqual(before);
    expect(history.position.visible.first).toBe(496);
    expect(history.position.total).toBe(994);
    engine.receive(3, history);
    expect(history.position.newBelow).toBe(3);
  });

  it('closes up where rows on screen go, and puts a choice among them away', async () => {
    engine.receive(1_000, history);
    await settle();
    history.moveTo(500 * ROW_HEIGHT);
    await settle();
    history.pick({ ...ROW, id: 503 });
    engine.holes = [502, 503];
    engine.tell(history);
    await settle();
    expect(ids()).toEqual([501, 504, 505, 506, 507, 508, 509, 510, 511, 512]);
    expect(history.selected).toBeNull();
  });
});

describe('going to a message or a time', () => {
  beforeEach(async () => {
    engine.receive(100_000, history);
    await settle();
  });

  it('shows a message from far away, chosen, and stops following', async () => {
    const arrival = history.reveal(50_000);
    await settle();
    expect(await arrival).toBe(true);
    expect(ids()).toContain(50_000);
    expect(history.selected).toEqual({ id: 50_000 });
    expect(history.position.follow).toBe(false);
    const at = ids();
    engine.receive(10, history);
    await settle();
    expect(ids()).toEqual(at);
  });

  it('leaves the rows where they are when the message is on screen', async () => {
    const before = ids();
    await Promise.all([history.reveal(99_995, { select: false }), settle()]);
    expect(ids()).toEqual(before);
    expect(history.selected).toBeNull();
  });

  it('shows the place of a message that is gone and chooses nothing', async () => {
    engine.holes = [50_000];
    const arrival = history.reveal(50_000);
    await settle();
    expect(await arrival).toBe(false);
    expect(ids()).toContain(50_001);
    expect(history.selected).toBeNull();
  });

  it('finds the first message that is not older than a time', async () => {
    const arrival = history.revealTime(2_000);
    await settle();
    expect(await arrival).toBe(true);
    expect(history.selected).toEqual({ id: 2_000 });
    const late = history.revealTime(1_000_000);
    await settle();
    expect(await late).toBe(false);
    expect(history.selected).toEqual({ id: 2_000 });
  });

  it('gives a way up that the person leaves', async () => {
    const arrival = history.reveal(50_000);
    history.moveTo(0);
    await settle();
    expect(await arrival).toBe(false);
    expect(ids()[0]).toBe(1);
  });

  it('steps on from a chosen message that is far from the screen', async () => {
    await Promise.all([history.reveal(50_000), settle()]);
    history.resume();
    await settle();
    expect(history.selected).toEqual({ id: 50_000 });
    history.step(1);
    history.step(1);
    await settle();
    expect(history.selected).toEqual({ id: 50_002 });
    expect(ids()).toContain(50_002);
  });
});
