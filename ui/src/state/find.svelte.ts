/**
 * Looking for something within what the list shows: the words, where the last step came to, and how many matches there are.
 *
 * The engine searches and counts; this opens a search, steps through it and closes it. What a person types opens the
 * search anew after a short rest, and an answer about an older one is thrown away, so that a stale one never wins. A match
 * has a number only once everything has been looked at: before that, older matches still move it.
 */
import { call, toUserError } from '$src/backend';
import type { FindId, MessageId, Towards, UserError, ViewId } from '$src/bindings/engine';
import { realClock, type Clock } from '$src/lib/pull';

import { Marking } from './find-marks.svelte';
import {
  numberOf,
  requestOf,
  stepRound,
  type Searched,
  type StepNote,
  type Words,
} from './find-words';

/** How long typing rests before the search is opened, in milliseconds. */
const REST = 200;

export class FindState {
  readonly #list: Searched;
  readonly #clock: Clock;
  readonly marking: Marking;

  /** Whether the bar is shown. */
  open = $state(false);
  /** Rises whenever the field is to be focused. */
  focuses = $state(0);
  words = $state<Words>({ text: '', regex: false, caseSensitive: false, topics: true });
  /** The match that the last step came to, and its number from 1 where it is known. */
  at = $state.raw<{ id: MessageId; number: number | null } | null>(null);
  note = $state.raw<StepNote>(null);
  /** A step is on its way. */
  stepping = $state(false);
  error = $state.raw<UserError | null>(null);

  #find: FindId | null = null;
  /** The view that the search is within. */
  #within: ViewId | null = null;
  /** Counts the searches, so that an answer about an older one is known as such. */
  #turn = 0;
  #opening: Promise<void> | null = null;
  #cancelRest: (() => void) | null = null;
  /** The message that was chosen when the search began: refining the words does not drift away from it. */
  #origin: MessageId | null = null;
  /** What was chosen when the list was last sent to a match: it takes a moment to get there. */
  #left: Searched['selected'] = null;

  constructor(list: Searched, clock: Clock = realClock) {
    this.#list = list;
    this.#clock = clock;
    const read = (find: FindId) => this.#renumber(find);
    const gone = () => this.#again();
    this.marking = new Marking(
      { read, gone, changed: ({ fault }) => (this.error = fault ?? this.error) },
      clock,
    );
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
  }

  /** Changes what is looked for; the nearest match is gone to after a rest. */
  edit(part: Partial<Words>): void {
    Object.assign(this.words, part);
    this.#end();
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
    void this.#reopen(false);
  }

  /** Goes to the next match on one side of the chosen message; behind the last one it begins at the other end. */
  async step(towards: Towards): Promise<void> {
    if (!this.isSearching) return;
    if (this.#cancelRest) {
      this.#dropRest();
      void this.#reopen(false);
    }
    this.#origin = null;
    await this.#go(this.#from(), towards);
  }

  /** Goes to the first match that is not before a message: for a click on a mark. */
  async stepTo(id: MessageId): Promise<void> {
    this.#origin = null;
    await this.#go(Math.max(0, id - 1), 'newer');
  }

  /** The last match, unless a person has chosen another row since. */
  #from(): MessageId | null {
    const { selected } = this.#list;
    if (this.at && selected === this.#left) return this.at.id;
    return selected?.id ?? this.at?.id ?? null;
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
        closeFind(find);
        return;
      }
      this.#find = find;
      this.error = null;
      this.marking.begin(find);
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
      const { at, number, note } = await stepRound(find, from, towards);
      if (turn !== this.#turn) return;
      this.error = null;
      this.note = at ? note : 'none';
      this.at = at && { id: at.id, number: numberOf(number, this.marking.complete) };
      if (!at) return;
      this.#left = this.#list.selected;
      this.#list.reveal(at.id, { select: true });
    } catch (thrown) {
      const error = toUserError(thrown);
      if (turn !== this.#turn || error.code === 'cancelled') return;
      if (error.code === 'view.gone') void this.#again().then(() => this.#go(from, towards));
      else this.error = error;
    } finally {
      if (turn === this.#turn) this.stepping = false;
    }
  }

  /** Opens a search that the engine has closed anew. */
  #again(): Promise<void> {
    this.#find = null;
    return this.#reopen(false);
  }

  /** Asks for the number of the match again. A step that a person makes would be cancelled by it, and goes first. */
  async #renumber(find: FindId): Promise<void> {
    const { at } = this;
    if (!at || !this.marking.complete || this.stepping) return;
    const from = Math.max(0, at.id - 1);
    const step = await call('find_step', { find, from, towards: 'newer' });
    if (this.at !== at || step.at?.id !== at.id) return;
    const number = numberOf(step.number, true);
    if (number !== at.number) this.at = { id: at.id, number };
  }

  #dropRest(): void {
    this.#cancelRest?.();
    this.#cancelRest = null;
  }

  #end(): void {
    this.#dropRest();
    this.#turn += 1;
    if (this.#find !== null) closeFind(this.#find);
    this.#find = null;
    this.marking.end();
    this.at = null;
    this.note = null;
    this.stepping = false;
    this.error = null;
  }
}

/** Nobody waits for it, and the engine closes the oldest by itself. */
function closeFind(find: FindId): void {
  void call('find_close', { find }).catch(() => undefined);
}
