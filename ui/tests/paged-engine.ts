/** An engine of one history of numbered messages and views of it, which answers pages as the engine does. */
import { flushSync } from 'svelte';

import { useBackend, type Backend } from '$src/backend';
import type { Commands, Page, PageFrom, Row, ViewFilter, ViewState } from '$src/bindings/engine';
import type { Clock } from '$src/lib/pull';
import { HistoryState, ROW_HEIGHT } from '$src/state/history.svelte';
import { viewChanged } from '$src/state/views';

import { userError } from './errors';

export const ROW: Row = {
  ...{ index: 0, id: 0, time_us: 0, direction: 'received', topic: 't', qos: 0, retain: false },
  ...{ dup: false, size: 1, preview: 'x', outcome: null, bookmark: null },
};

export const CONDITIONS: ViewFilter = {
  ...{ topics: ['a/#'], without_topics: [], direction: null, qos: [], retain: null, dup: null },
  ...{ from_us: null, until_us: null, min_size: null, max_size: null, payload: [] },
  ...{ user_properties: [], content_type: '' },
};

/** A clock whose timers run at once, so that a test waits for nothing. */
export const noTime: Clock = {
  now: () => 0,
  after: (_ms, run) => {
    queueMicrotask(run);
    return () => undefined;
  },
};

export const settle = async () => {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
  flushSync();
};

/** Numbers in order, by place. */
interface Numbers {
  length: number;
  at(place: number): number;
  /** The place of the first that is not before. */
  place(id: number): number;
}

function listed(ids: number[]): Numbers {
  return {
    length: ids.length,
    at: (place) => ids[place] as number,
    place: (id) => {
      const place = ids.findIndex((each) => each >= id);
      return place < 0 ? ids.length : place;
    },
  };
}

export class PagedEngine {
  firstId = 1;
  lastId = 0;
  /** Numbers that were taken from the middle, in order. */
  holes: number[] = [];
  pulls: { from: PageFrom; count: number; view: number | null }[] = [];
  revision = 0;
  /** The numbers that each open view has found. */
  views = new Map<number, number[]>();
  /** What a view that is opened next has found. */
  found: number[] = [];
  /** Holds answers to `view_open` back, until they are let go. */
  held: (() => void)[] | null = null;
  #view = 0;

  constructor() {
    useBackend({
      call: (name: keyof Commands, args: never) => this.#answer(name, args),
    } as unknown as Backend);
  }

  get messages() {
    return this.lastId - this.firstId + 1 - this.holes.length;
  }

  receive(count: number, history: HistoryState) {
    this.lastId += count;
    this.tell(history);
  }
  clear(history: HistoryState) {
    this.firstId = this.lastId + 1;
    this.holes = [];
    this.tell(history);
  }
  /** Tells that the history has changed. */
  tell(history: HistoryState) {
    this.revision += 1;
    const { profile } = history;
    const [stats, revision] = [this.stats(), this.revision];
    history.changed({ event: 'history', profile, stats, revision, fault: null });
  }
  /** Sets what a view has found, and tells it. */
  find(view: number, ids: number[], part: Partial<ViewState> = {}) {
    this.views.set(view, ids);
    viewChanged({ event: 'view', view, state: { ...this.#state(ids), ...part } });
  }

  stats() {
    const { messages, firstId, lastId } = this;
    const ids = messages > 0 ? { first_id: firstId, last_id: lastId } : null;
    const removed = { messages: 0, bytes: 0, since_us: null };
    const counts = { messages, bytes_on_disk: 0, received: 0, sent: 0, set_aside: null };
    return { ...counts, first_id: null, last_id: null, ...ids, removed, recording: true };
  }

  #answer(name: keyof Commands, args: never): Promise<unknown> {
    try {
      if (name === 'history_page') return Promise.resolve(this.#page(args));
      if (name === 'view_open') return this.#open();
      if (name === 'view_state') return Promise.resolve(this.#state(this.#ids(args['view'])));
      if (name === 'view_close') this.views.delete(args['view']);
      return Promise.resolve(name === 'history_stats' ? this.stats() : null);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async #open() {
    this.#view += 1;
    const view = this.#view;
    const ids = this.found;
    this.views.set(view, ids);
    const { held } = this;
    if (held) await new Promise<void>((resolve) => held.push(resolve));
    return { view, state: this.#state(ids) };
  }

  #state(ids: number[]): ViewState {
    const counts = { found: ids.length, scanned: this.messages, remaining: 0 };
    return { ...counts, complete: true, halted: false, fault: null };
  }

  #ids(view: number): number[] {
    const ids = this.views.get(view);
    if (!ids) throw userError('view.gone');
    return ids;
  }

  #all(): Numbers {
    const { firstId, holes, messages } = this;
    const before = (id: number) => holes.filter((hole) => hole < id).length;
    const at = (place: number) => {
      let id = firstId + place;
      for (const hole of holes) if (hole <= id) id += 1;
      return id;
    };
    return { length: messages, at, place: (id) => Math.max(0, id - firstId - before(id)) };
  }

  #page({ from, count, view }: { from: PageFrom; count: number; view: number | null }): Page {
    this.pulls.push({ from, count, view });
    const ids = view === null ? this.#all() : listed(this.#ids(view));
    const total = ids.length;
    const place = (id: number) => Math.min(total, ids.place(id));
    // A message is received every microsecond: its time is its number.
    const anchor =
      from.kind === 'message' ? place(from.id) : from.kind === 'time' ? place(from.time_us) : null;
    const before = 'before' in from ? from.before : 0;
    const begin = from.kind === 'place' ? from.place : (anchor ?? total - count);
    const first = Math.max(0, begin - before);
    const rows: Row[] = [];
    for (let index = first; index < Math.min(first + count, total); index += 1) {
      rows.push({ ...ROW, index, id: ids.at(index), time_us: ids.at(index) });
    }
    return { first, total, anchor, rows };
  }
}

/** An engine and a history whose pane shows ten rows. */
export async function shown() {
  const engine = new PagedEngine();
  const clock = { ...noTime, now: () => engine.pulls.length * 1_000 };
  const history = new HistoryState('p', clock);
  history.resize(10 * ROW_HEIGHT);
  history.watch();
  await settle();
  const ids = () => history.rows.map((row) => row?.id);
  return { engine, history, ids };
}
