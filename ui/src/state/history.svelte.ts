/**
 * The window onto one profile's history: the rows on screen and the chosen one, and nothing else.
 *
 * The engine owns the rows and pages them by index; this holds the page that covers what is visible and asks for
 * another when it does not. Nobody pushes messages: an event only tells that there is something to ask for.
 */
import { call, toUserError } from '$src/backend';
import type {
  Event,
  HistoryStats,
  MessageId,
  Page,
  ProfileId,
  Row,
  UserError,
} from '$src/bindings/engine';
import { PullScheduler, realClock, type Clock, type Haste } from '$src/lib/pull';
import * as windowing from '$src/lib/windowing';

import { Position } from './position.svelte';

/** The height of a row in pixels; the token `--row` is the same. */
export const ROW_HEIGHT = 24;

/** The shortest time between pulls while following, in milliseconds. */
const INTERVAL = 80;

/** Rows that are fetched beyond what is visible, each way, so that short scrolls need no pull. */
const MARGIN = 40;

const NO_STATS: HistoryStats = {
  ...{ messages: 0, bytes_on_disk: 0, received: 0, sent: 0 },
  ...{ first_id: null, last_id: null, set_aside: null, recording: true },
  removed: { messages: 0, bytes: 0, since_us: null },
};
const NO_PAGE: Page = { first: 0, total: 0, anchor: null, rows: [] };

export type HistoryEvent = Extract<Event, { event: 'history' }>;

export interface Selection {
  id: MessageId;
  index: number;
}

export class HistoryState {
  readonly profile: ProfileId;
  readonly position = new Position(ROW_HEIGHT);
  readonly #scheduler: PullScheduler;

  stats = $state.raw(NO_STATS);
  /** Rises with every change of the rows or their outcomes. */
  revision = $state(0);
  /** Why nothing is stored at the moment. */
  fault = $state.raw<UserError | null>(null);
  /** Why the last pull failed. */
  error = $state.raw<UserError | null>(null);
  /** Whether rows have come once: before that, an empty list means nothing. */
  loaded = $state(false);

  /** How often the inspector was asked for; who shows it watches for the change. */
  inspections = $state(0);

  #page = $state.raw(NO_PAGE);
  #selected = $state.raw<Selection | null>(null);
  /** A row that was chosen and has not been loaded yet. */
  #choose: number | null = null;
  /** Whether a pane shows this history; what nobody sees is not pulled. */
  #watched = false;

  /** The rows on screen, in order; one that has not come yet is undefined. */
  readonly rows = $derived.by(() => {
    const { first, count } = this.position.visible;
    return Array.from({ length: count }, (_, at) => this.#rowAt(first + at));
  });

  constructor(profile: ProfileId, clock: Clock = realClock) {
    this.profile = profile;
    this.#scheduler = new PullScheduler(() => this.#pull(), INTERVAL, clock);
  }

  get selected(): Selection | null {
    return this.#selected;
  }

  /** Asks for the inspector to be opened and focused. */
  inspect(): void {
    this.inspections += 1;
  }

  /** Keeps the rows coming while a pane shows them; the answer ends it. */
  watch(): () => void {
    this.#watched = true;
    this.#request('now');
    return () => {
      this.#watched = false;
    };
  }

  /** Builds the state from the engine's: at the start and after a gap in the events. */
  async load(): Promise<void> {
    try {
      const stats = await call('history_stats', { profile: this.profile });
      const { profile, revision, fault } = this;
      this.changed({ event: 'history', profile, stats, revision, fault });
      this.#request('now');
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  /** Takes in an event of the engine. */
  changed(event: HistoryEvent): void {
    this.#forget(event.stats);
    this.stats = event.stats;
    this.revision = event.revision;
    this.fault = event.fault;
    if (!this.position.follow) this.position.setTotal(event.stats.messages);
    if (this.position.follow || this.#isStale()) this.#request('soon');
  }

  /** Tells how much of the list can be seen, in pixels. */
  resize(viewport: number): void {
    this.position.resize(viewport);
    this.#ensure();
  }

  /** Moves as the person scrolled. */
  moveTo(top: number): void {
    this.position.moveTo(top);
    this.#moved();
  }

  pause(): void {
    this.position.pause();
    this.#moved();
  }

  /** Goes to the newest row and stays there. */
  resume(): void {
    this.position.resume();
    this.#request('now');
  }

  /** Chooses a row and brings it into view. */
  choose(index: number): void {
    const last = this.position.total - 1;
    if (last < 0) return;
    const at = Math.min(Math.max(0, index), last);
    this.#choose = at;
    this.#settleChoice();
    const { top, extent } = this.position;
    const next = windowing.reveal(at, top, extent);
    if (next === top) this.#ensure();
    else this.moveTo(next);
  }

  /** Chooses the row that the person points at. What is under the pointer must not move away. */
  pick(row: Row): void {
    this.#choose = null;
    this.#selected = { id: row.id, index: row.index };
    this.pause();
  }

  /** Moves the choice by `rows`; without a choice, into the visible rows from the edge that is behind. */
  step(rows: number): void {
    const { first, count } = this.position.visible;
    const edge = rows > 0 ? first - 1 : first + count;
    this.choose((this.#choose ?? this.#selected?.index ?? edge) + rows);
  }

  unselect(): void {
    this.#selected = null;
    this.#choose = null;
  }

  #moved(): void {
    if (!this.position.follow) this.position.setTotal(this.stats.messages);
    this.#ensure();
  }

  #request(haste: Haste): void {
    if (this.#watched) this.#scheduler.request(haste);
  }

  #rowAt(index: number): Row | undefined {
    return this.#page.rows[index - this.#page.first];
  }

  #settleChoice(): void {
    const row = this.#choose === null ? undefined : this.#rowAt(this.#choose);
    if (!row) return;
    this.#choose = null;
    this.#selected = { id: row.id, index: row.index };
  }

  /** Pulls at once where a visible or chosen row is missing. */
  #ensure(): void {
    if (this.#choose !== null || this.rows.includes(undefined)) this.#request('now');
  }

  /** Whether what is visible may differ from what the engine holds. */
  #isStale(): boolean {
    return this.rows.some((row) => row === undefined || row.outcome?.state === 'pending');
  }

  #forget(stats: HistoryStats): void {
    const before = this.stats;
    let gone = 0;
    if (stats.messages === 0) gone = Math.max(before.messages, this.position.total);
    else if (before.messages > 0) gone = (stats.first_id ?? 0) - (before.first_id ?? 0);
    if (gone <= 0) return;
    this.#page = NO_PAGE;
    this.position.forget(gone);
    const selected = this.#selected;
    if (!selected || selected.index < gone) this.unselect();
    else this.#selected = { ...selected, index: selected.index - gone };
  }

  async #pull(): Promise<void> {
    try {
      const { first, count } = this.#wanted();
      const from = { kind: 'place' as const, place: first };
      const wanted = { profile: this.profile, view: null, from, count };
      this.#take(await call('history_page', wanted));
      this.error = null;
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  #wanted(): { first: number; count: number } {
    const { follow, viewport, visible } = this.position;
    const fit = Math.ceil(viewport / ROW_HEIGHT) + 1;
    // The engine gives 500 rows at most.
    const count = Math.min(500, fit + 2 * MARGIN);
    // What comes between the last event and this pull is taken along, as far as the margin goes.
    if (follow) return { first: Math.max(0, this.stats.messages - fit - MARGIN), count };
    return { first: Math.max(0, visible.first - MARGIN), count };
  }

  #take(page: Page): void {
    // The history was cleared while this page was on its way.
    if (page.total > 0 && this.stats.messages === 0 && this.loaded) return;
    this.#page = page;
    this.loaded = true;
    const { position } = this;
    const end = page.rows.length > 0 ? page.first + page.rows.length : page.total;
    position.setTotal(position.follow ? end : Math.max(page.total, this.stats.messages));
    this.#settleChoice();
    if (position.follow ? end < this.stats.messages : this.rows.includes(undefined)) {
      this.#request('soon');
    }
  }
}
