/**
 * Looking for something within what the list shows: the words, where the last step came to, and how many matches there are.
 *
 * The engine searches and counts; this opens a search, steps through it and closes it. What a person types opens the
 * search anew after a short rest, and an answer about an older one is thrown away, so that a stale one never wins. A match
 * has a number only once everything has been looked at: before that, older matches still move it.
 */
import { call, toUserError } from '$src/backend';
import type {
  FindId,
  FindMarks,
  FindRequest,
  MessageId,
  ProfileId,
  Towards,
  UserError,
  ViewId,
  ViewState,
} from '$src/bindings/engine';
import { PullScheduler, realClock, type Clock } from '$src/lib/pull';

import { followFind } from './finds';

/** How long typing rests before the search is opened, in milliseconds. */
const REST = 200;

/** The shortest time between two readings of the marks, in milliseconds. */
const MARKS_EVERY = 500;

const NO_MARKS: FindMarks = { counts: [], found: 0, total: 0, complete: false };

/** The list that is searched. */
export interface Searched {
  readonly profile: ProfileId;
  readonly view: ViewId | null;
  readonly selected: { readonly id: MessageId } | null;
  reveal(id: MessageId, how: { select: boolean }): unknown;
}

export interface Words {
  text: string;
  regex: boolean;
  caseSensitive: boolean;
  topics: boolean;
}

/** What there is to say of the last step. */
export type StepNote = 'from_newest' | 'from_oldest' | 'none' | null;

export class FindState {
  readonly #list: Searched;
  readonly #clock: Clock;
  readonly #marking: PullScheduler;

  /** Whether the bar is shown. */
  open = $state(false);
  /** Rises whenever the field is to be focused. */
  focuses = $state(0);
  words = $state<Words>({ text: '', regex: false, caseSensitive: false, topics: true });
  marks = $state.raw(NO_MARKS);
  found = $state(0);
  complete = $state(false);
  /** The match that the last step came to, and its number from 1 where it is known. */
  at = $state.raw<{ id: MessageId; number: number | null } | null>(null);
  note = $state.raw<StepNote>(null);
  /** A step is on its way. */
  stepping = $state(false);
  error = $state.raw<UserError | null>(null);

  #find = $state.raw<FindId | null>(null);
  /** The view that the search is within. */
  #within: ViewId | null = null;
  /** Counts the searches, so that an answer about an older one is known as such. */
  #turn = 0;
  #opening: Promise<void> | null = null;
  #cancelRest: (() => void) | null = null;
  /** The message that was chosen when the search began: refining the words does not drift away from it. */
  #origin: MessageId | null = null;
  /** How many marks fit beside the list. */
  #parts = 0;
  #leave: (() => void) | null = null;

  constructor(list: Searched, clock: Clock = realClock) {
    this.#list = list;
    this.#clock = clock;
    this.#marking = new PullScheduler(() => this.#readMarks(), MARKS_EVERY, clock);
  }

  /** Whether there is something to step through. */
  get isSearching(): boolean {
    return this.open && this.words.text !== '';
  }

  /** Shows the bar, or brings the focus back to it. */
  show(): void {
    this.focuses += 1;
    if (this.open) return;
    this.open = true;
    this.#origin = this.#list.selected?.id ?? null;
    if (this.words.text !== '') void this.#reopen(false);
  }

  /** Puts the bar and the search away; the words stay for the next time. */
  close(): void {
    this.open = false;
    this.#end();
    this.#forget();
  }

  /** Changes what is looked for; the nearest match is gone to after a rest. */
  edit(part: Partial<Words>): void {
    Object.assign(this.words, part);
    this.#end();
    this.#forget();
    if (!this.isSearching) return;
    this.#cancelRest = this.#clock.after(REST, () => {
      this.#cancelRest = null;
      void this.#reopen(true);
    });
  }

  /** The list shows something else now: what is looked for stays. */
  viewChanged(): void {
    if (!this.isSearching || this.#cancelRest || this.#list.view === this.#within) return;
    this.#end();
    this.#forget();
    void this.#reopen(false);
  }

  /** Goes to the next match on one side of the chosen message; at the end it begins at the other one. */
  async step(towards: Towards): Promise<void> {
    if (!this.isSearching) return;
    if (this.#cancelRest) this.#reopenNow();
    this.#origin = null;
    const from = this.#list.selected?.id ?? this.at?.id ?? null;
    await this.#go(from, towards);
  }

  /** Goes to the first match that is not before a message: for a click on a mark. */
  async stepTo(id: MessageId): Promise<void> {
    this.#origin = null;
    await this.#go(Math.max(0, id - 1), 'newer');
  }

  /** Tells how many marks fit; they are read anew. */
  fit(parts: number): void {
    this.#parts = parts;
    if (this.#find !== null) this.#marking.request('soon');
  }

  #reopenNow(): void {
    this.#cancelRest?.();
    this.#cancelRest = null;
    void this.#reopen(false);
  }

  /** Opens a search for the words as they are; `nearest` goes on to the nearest match. */
  #reopen(nearest: boolean): Promise<void> {
    this.#turn += 1;
    const opening = this.#open(this.#turn, nearest);
    this.#opening = opening;
    return opening.finally(() => {
      if (this.#opening === opening) this.#opening = null;
    });
  }

  async #open(turn: number, nearest: boolean): Promise<void> {
    const { profile, view } = this.#list;
    this.#within = view;
    try {
      const find = await call('find_open', { profile, view, request: requestOf(this.words) });
      if (turn !== this.#turn) {
        void call('find_close', { find }).catch(() => undefined);
        return;
      }
      this.#find = find;
      this.#leave?.();
      this.#leave = followFind(find, (state) => this.#take(state));
      // A search that was over before anybody listened tells nothing any more.
      this.#marking.request('now');
    } catch (error) {
      // A view that is gone is opened anew by the list, which then tells of the change.
      if (turn === this.#turn) this.error = toUserError(error);
      return;
    }
    if (!nearest) return;
    const from = this.#origin ?? this.#list.selected?.id ?? null;
    // One further, because the message that a step begins at does not count itself.
    void this.#go(from === null ? null : from + 1, 'older');
  }

  async #go(from: MessageId | null, towards: Towards): Promise<void> {
    if (this.#opening && this.#find === null) await this.#opening;
    const find = this.#find;
    if (find === null) return;
    const turn = this.#turn;
    this.stepping = true;
    try {
      let { at, number } = await call('find_step', { find, from, towards });
      let note: StepNote = null;
      if (!at && from !== null && turn === this.#turn) {
        ({ at, number } = await call('find_step', { find, from: null, towards }));
        note = towards === 'older' ? 'from_newest' : 'from_oldest';
      }
      if (turn !== this.#turn) return;
      this.error = null;
      this.note = at ? note : 'none';
      this.at = at && { id: at.id, number: numberOf(number, this.complete) };
      if (at) this.#list.reveal(at.id, { select: true });
    } catch (error) {
      if (turn === this.#turn) this.#failed(toUserError(error), () => this.#go(from, towards));
    } finally {
      if (turn === this.#turn) this.stepping = false;
    }
  }

  /** A search that the engine has closed is opened anew, once, and then the step made again. */
  #failed(error: UserError, again: () => Promise<void>): void {
    if (error.code === 'cancelled') return;
    if (error.code !== 'view.gone') {
      this.error = error;
      return;
    }
    this.stepping = false;
    this.#find = null;
    void this.#reopen(false).then(() => (this.#find === null ? undefined : again()));
  }

  #take({ found, complete, fault }: ViewState): void {
    this.found = found;
    this.complete = complete;
    if (fault) this.error = fault;
    this.#marking.request('soon');
  }

  async #readMarks(): Promise<void> {
    const find = this.#find;
    if (find === null) return;
    const turn = this.#turn;
    try {
      const marks = await call('find_marks', { find, parts: Math.max(1, this.#parts) });
      if (turn !== this.#turn) return;
      this.marks = marks;
      this.found = marks.found;
      this.complete = marks.complete;
      await this.#renumber(find, turn);
    } catch (error) {
      const { code } = toUserError(error);
      if (turn !== this.#turn || code !== 'view.gone') return;
      this.#find = null;
      await this.#reopen(false);
    }
  }

  /** Asks for the number of the match again. A step that a person makes would be cancelled by it, and goes first. */
  async #renumber(find: FindId, turn: number): Promise<void> {
    const { at } = this;
    if (!at || !this.complete || this.stepping) return;
    const from = Math.max(0, at.id - 1);
    const step = await call('find_step', { find, from, towards: 'newer' });
    if (turn !== this.#turn || this.at !== at || step.at?.id !== at.id) return;
    const number = numberOf(step.number, true);
    if (number !== at.number) this.at = { id: at.id, number };
  }

  #end(): void {
    this.#cancelRest?.();
    this.#cancelRest = null;
    this.#turn += 1;
    const find = this.#find;
    this.#find = null;
    this.#leave?.();
    this.#leave = null;
    if (find !== null) void call('find_close', { find }).catch(() => undefined);
  }

  #forget(): void {
    this.marks = NO_MARKS;
    this.found = 0;
    this.complete = false;
    this.at = null;
    this.note = null;
    this.stepping = false;
    this.error = null;
  }
}

/** From 1 for people; not before everything has been looked at. */
function numberOf(number: number | null, complete: boolean): number | null {
  return complete && number !== null ? number + 1 : null;
}

function requestOf({ text, regex, caseSensitive, topics }: Words): FindRequest {
  const test: FindRequest['test'] = regex
    ? { kind: 'regex', pattern: text, case_sensitive: caseSensitive }
    : { kind: 'text', text, case_sensitive: caseSensitive };
  return { test, topics };
}
