/**
 * How many matches an open search has and where they lie.
 *
 * The engine tells how far it is with events, which may all have gone by before its name is known; so the marks, which say
 * the same, are read once at the beginning, and at most twice a second from then on.
 */
import { call, toUserError } from '$src/backend';
import type { FindId, FindMarks, ViewState } from '$src/bindings/engine';
import { PullScheduler, type Clock } from '$src/lib/pull';

import { followFind } from './finds';

/** The shortest time between two readings of the marks, in milliseconds. */
const EVERY = 500;

const NONE: FindMarks = { counts: [], found: 0, total: 0, complete: false };

/** What whoever searches wants to know. */
interface Listener {
  /** The marks were read. */
  read(find: FindId): Promise<void>;
  /** The engine has closed the search. */
  gone(): void;
  changed(state: ViewState): void;
}

export class Marking {
  marks = $state.raw(NONE);
  found = $state(0);
  complete = $state(false);

  readonly #listener: Listener;
  readonly #reading: PullScheduler;
  #find: FindId | null = null;
  #leave: (() => void) | null = null;
  /** How many marks fit beside the list. */
  #parts = 1;

  constructor(listener: Listener, clock: Clock) {
    this.#listener = listener;
    this.#reading = new PullScheduler(() => this.#read(), EVERY, clock);
  }

  /** Follows a search that was opened. */
  begin(find: FindId): void {
    this.end();
    this.#find = find;
    this.#leave = followFind(find, (state) => this.#take(state));
    this.#reading.request('now');
  }

  /** There is no search any more. */
  end(): void {
    this.#leave?.();
    this.#leave = null;
    this.#find = null;
    this.marks = NONE;
    this.found = 0;
    this.complete = false;
  }

  /** Tells how many marks fit; they are read anew. */
  fit(parts: number): void {
    this.#parts = Math.max(1, parts);
    if (this.#find !== null) this.#reading.request('soon');
  }

  #take(state: ViewState): void {
    this.found = state.found;
    this.complete = state.complete;
    this.#listener.changed(state);
    this.#reading.request('soon');
  }

  async #read(): Promise<void> {
    const find = this.#find;
    if (find === null) return;
    try {
      const marks = await call('find_marks', { find, parts: this.#parts });
      if (find !== this.#find) return;
      this.marks = marks;
      this.found = marks.found;
      this.complete = marks.complete;
      await this.#listener.read(find);
    } catch (error) {
      if (find === this.#find && toUserError(error).code === 'view.gone') this.#listener.gone();
    }
  }
}
