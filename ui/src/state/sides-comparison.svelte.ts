/**
 * Two sessions held against each other: the comparison that the engine keeps, and the window onto its rows.
 *
 * The engine compares only while somebody looks: the comparison is opened when a pane shows it, opened anew with every option
 * that changes, and closed when the pane goes. The price is that coming back looks through the past again; the gain that a window
 * that shows something else costs nothing. What a person chose stays as long as the window lives.
 */
import { call, toUserError } from '$src/backend';
import type {
  SidesFrom,
  SidesId,
  SidesKind,
  SidesPage,
  SidesPair,
  SidesState,
  UserError,
  ViewFilter,
} from '$src/bindings/engine';
import { PullScheduler, realClock, type Clock, type Haste } from '$src/lib/pull';

import { Listing } from './listing.svelte';
import {
  KINDS,
  patienceWith,
  PROBLEMS,
  RECEIVED,
  sidesOptions,
  USUAL,
  type Patience,
} from './sides-comparison-options';
import { closeSides, followSides, newestOf } from './sides-comparison-events';
import { fromOf, lineOf, NOTHING, type SidesLine } from './sides-comparison-rows';
import { narrowed } from './viewing.svelte';

/** The shortest time between pulls that nobody waits for, in milliseconds. */
const INTERVAL = 100;

export class SidesComparison extends Listing<SidesLine> {
  readonly pair: SidesPair;
  readonly #scheduler: PullScheduler;
  /** Microseconds since the Unix epoch. */
  readonly #now: () => number;

  /** Which messages are compared; null compares all. */
  filter = $state.raw<ViewFilter | null>(RECEIVED);
  /** Why the filter that was asked for last is not applied. */
  refused = $state.raw<UserError | null>(null);
  patience = $state.raw(USUAL);
  /** The kinds of rows that are shown. */
  kinds = $state.raw<readonly SidesKind[]>(PROBLEMS);
  /** How far the comparison is. */
  progress = $state.raw(NOTHING);
  /** Why there is none, or why its rows did not come. */
  error = $state.raw<UserError | null>(null);
  /** Whether rows have come once: before that, an empty list means nothing. */
  loaded = $state(false);

  #sides: SidesId | null = null;
  #unfollow: () => void = () => undefined;
  /** Which opening counts: the last. */
  #turn = 0;
  #watched = false;
  /** When "from now on" was chosen: it means that moment until it is chosen again. */
  #from: number;
  /** The chosen row as it was last seen: it may be out of sight, or of a kind that is not shown any more. */
  #known: SidesLine | null = null;
  #checked = $state.raw<SidesLine | null>(null);

  /** The chosen row. */
  readonly chosen: SidesLine | null = $derived.by(() => {
    const id = this.selected?.id;
    if (id === undefined) return null;
    const checked = this.#checked?.id === id ? this.#checked : null;
    const row = this.rowWith(id) ?? checked ?? this.#known;
    this.#known = row?.id === id ? row : null;
    return this.#known;
  });

  constructor(
    pair: SidesPair,
    clock: Clock = realClock,
    now: () => number = () => Date.now() * 1_000,
  ) {
    super();
    this.pair = pair;
    this.#now = now;
    this.#from = now();
    this.#scheduler = new PullScheduler(() => this.#pull(), INTERVAL, clock);
  }

  /** Compares while a pane shows it; the answer ends it. */
  watch(): () => void {
    this.#watched = true;
    void this.again();
    return () => {
      this.#watched = false;
      this.#turn += 1;
      this.#close();
    };
  }

  /** Compares from the beginning; "from now on" begins where it was chosen. */
  async again(): Promise<void> {
    await this.#open(this.filter).catch((error: unknown) => (this.error = toUserError(error)));
  }

  /** After a gap in the events: asks how far it is. */
  async load(): Promise<void> {
    const sides = this.#sides;
    if (sides === null) return;
    try {
      const progress = await call('sides_state', { sides });
      if (sides === this.#sides) this.#moved(progress);
    } catch (error) {
      if (sides === this.#sides) await this.#failed(error);
    }
  }

  /** Compares what meets the conditions. What was compared stays where they are refused; never rejects: see `refused`. */
  async show(filter: ViewFilter | null): Promise<void> {
    try {
      if (this.#watched) await this.#open(filter);
      this.filter = filter;
      this.refused = null;
    } catch (error) {
      this.refused = toUserError(error);
    }
  }

  /** Adds conditions to those of what is compared. */
  narrow(part: Partial<ViewFilter>): Promise<void> {
    return this.show(narrowed(this.filter, part));
  }

  /** Compares more or less patiently. */
  async wait(part: Partial<Patience>): Promise<void> {
    if (part.since === 'now') this.#from = this.#now();
    this.patience = patienceWith(this.patience, part);
    if (this.#watched) await this.again();
  }

  /** Shows rows of these kinds, around the chosen one; the newest of them while it follows. */
  showKinds(kinds: readonly SidesKind[]): void {
    this.kinds = KINDS.filter((kind) => kinds.includes(kind));
    const { selected } = this;
    if (selected && !this.position.follow) void this.reveal(selected.id);
    else this.request('now');
  }

  /** The newest rows of the kinds that are shown; null while nothing is open. */
  async newest(count: number): Promise<SidesPage | null> {
    return this.#sides === null ? null : newestOf(this.#sides, [...this.kinds], count);
  }

  override request(haste: Haste): void {
    if (this.#watched) this.#scheduler.request(haste);
  }

  /** Opens another comparison in place of what is open; rejects where the engine refuses it, and then nothing changes. */
  async #open(filter: ViewFilter | null): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    const now = this.patience.since === 'now' ? this.#from : this.#now();
    const options = sidesOptions(filter, this.patience, now);
    let opened;
    try {
      opened = await call('sides_open', { pair: this.pair, options });
    } catch (error) {
      if (turn === this.#turn) throw error;
      return;
    }
    const { sides, state } = opened;
    if (turn !== this.#turn) {
      closeSides(sides);
      return;
    }
    this.#close();
    this.#sides = sides;
    [this.progress, this.error] = [state, null];
    // Rows of another comparison bear the same numbers.
    this.unselect();
    this.empty();
    this.loaded = false;
    this.position.resume();
    const moved = (progress: SidesState) => this.#moved(progress);
    this.#unfollow = followSides(sides, moved, () => void this.load());
    this.request('now');
  }

  #close(): void {
    this.#unfollow();
    this.#unfollow = () => undefined;
    if (this.#sides !== null) closeSides(this.#sides);
    this.#sides = null;
  }

  #moved(progress: SidesState): void {
    this.progress = progress;
    this.request('soon');
  }

  async #pull(): Promise<void> {
    const sides = this.#sides;
    if (sides === null) return;
    const { kinds } = this;
    const wanted = this.wanted();
    const from = fromOf(wanted.from, (id) => {
      const row = this.rowWith(id) ?? (this.chosen?.id === id ? this.chosen : null);
      return row?.time_us ?? null;
    });
    try {
      const page = await call('sides_page', {
        ...{ sides, from, count: wanted.count },
        kinds: [...kinds],
      });
      // Another one is open by now, and asks for itself.
      if (sides !== this.#sides) return;
      if (kinds !== this.kinds) {
        this.request('now');
        return;
      }
      // As it was before it may leave the page.
      const { chosen } = this;
      this.take({ ...page, rows: page.rows.map(lineOf) }, wanted);
      this.loaded = true;
      this.error = null;
      if (chosen?.kind === 'waiting' && !this.rowWith(chosen.id)) await this.#check(sides, chosen);
    } catch (error) {
      if (sides === this.#sides) await this.#failed(error);
    }
  }

  async #failed(thrown: unknown): Promise<void> {
    const error = toUserError(thrown);
    // The engine keeps only the last few comparisons; a window that was away for long opens its own again.
    if (error.code === 'sides.gone') await this.again();
    else this.error = error;
  }

  /** Reads a chosen row again whose verdict was open and that is not shown any more: it fell, or the row became part of another. */
  async #check(sides: SidesId, { time_us, number }: SidesLine): Promise<void> {
    const from: SidesFrom = { kind: 'row', time_us, number, before: 0 };
    const page = await call('sides_page', { sides, kinds: [...KINDS], from, count: 1 });
    if (sides !== this.#sides || this.selected?.id !== number) return;
    const row = page.rows.find((each) => each.number === number);
    if (row) this.#checked = lineOf(row);
    else this.unselect();
  }
}
