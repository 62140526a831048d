/**
 * A list as it stands on screen, of messages or of packets: the page that covers what is visible, the place in it, and the
 * chosen row.
 *
 * Rows are known by their numbers, and places are only good until the next page. A page that comes is laid under
 * what is on screen so that the eye's rows stay: by the row that it was asked from, or by any row that both pages have.
 */
import type { Row } from '$src/bindings/engine';
import type { Haste } from '$src/lib/pull';
import * as windowing from '$src/lib/windowing';

import { Jump, type JumpTo } from './jump';
import * as paging from './paging';
import { Position } from './position.svelte';

/** The height of a row in pixels; the token `--row` is the same. */
export const ROW_HEIGHT = 24;

/** The chosen row; the same object as long as the choice is the same. */
export interface Selection {
  readonly id: number;
}

export abstract class Listing<Line extends paging.Numbered = Row> {
  readonly position = new Position(ROW_HEIGHT);
  #page = $state.raw<paging.PageOf<Line>>(paging.NO_PAGE);
  #selected = $state.raw<Selection | null>(null);
  /** The place of a row that was chosen and has not been loaded yet. */
  #choose: number | null = null;
  #jump: Jump | null = null;

  /** The rows on screen, in order; one that has not come yet is undefined. */
  readonly rows = $derived.by(() => {
    const { first, count } = this.position.visible;
    return Array.from({ length: count }, (_, at) => this.#rowAt(first + at));
  });

  get selected(): Selection | null {
    return this.#selected;
  }

  /** Asks for a page: at once for what a person waits for. */
  protected abstract request(haste: Haste): void;

  /** Tells how much of the list can be seen, in pixels. */
  resize(viewport: number): void {
    this.position.resize(viewport);
    this.#ensure();
  }

  /** Moves as the person scrolled. */
  moveTo(top: number): void {
    this.#choose = null;
    this.#scroll(top);
  }

  pause(): void {
    this.position.pause();
    this.#ensure();
  }

  /** Goes to the newest row and stays there. */
  resume(): void {
    this.#leave();
    this.position.resume();
    this.request('now');
  }

  /** Chooses the row at a place and brings it into view. */
  choose(place: number): void {
    const last = this.position.total - 1;
    if (last < 0) return;
    this.#choose = Math.min(Math.max(0, place), last);
    const { top, extent } = this.position;
    const next = windowing.reveal(this.#choose, top, extent);
    this.#settleChoice();
    if (next === top) this.#ensure();
    else this.#scroll(next);
  }

  /** Chooses the row that the person points at. What is under the pointer must not move away. */
  pick(row: Line): void {
    this.#leave();
    this.#choose = null;
    this.#selected = { id: row.id };
    this.pause();
  }

  /** Moves the choice by `rows`; without a choice, into the visible rows from the edge that is behind. */
  step(rows: number): void {
    if (this.#jump) {
      this.#jump.by += rows;
      return;
    }
    const { first, count } = this.position.visible;
    const edge = rows > 0 ? first - 1 : first + count;
    const chosen = this.#selected ? paging.placeOf(this.#selected.id, this.#page) : edge;
    const from = this.#choose ?? chosen;
    if (from !== null) this.choose(from + rows);
    else if (this.#selected) void this.#go(new Jump({ id: this.#selected.id }, true, rows));
  }

  unselect(): void {
    this.#selected = null;
    this.#choose = null;
  }

  /**
   * Goes to a message, or to the first one behind it, and stops following. With `select` the message is chosen. Answers
   * whether the message is in what is shown.
   */
  reveal(id: number, { select = true } = {}): Promise<boolean> {
    return this.#go(new Jump({ id }, select));
  }

  /** Goes to the first message that is not older than a time; answers whether there is one. */
  revealTime(time_us: number, { select = true } = {}): Promise<boolean> {
    return this.#go(new Jump({ time_us }, select));
  }

  /** What to ask for now, on a way to somewhere or not. */
  protected wanted(jump: Jump | null = this.#jump): Wanted {
    const { follow, fit, visible } = this.position;
    if (jump) return { ...paging.around(jump.to, fit), jump };
    if (follow) return { ...paging.newest(fit), jump };
    return { ...paging.standing(visible.first, fit, this.#page), jump };
  }

  /** Takes in what was asked for, unless the person went elsewhere meanwhile. */
  protected take(page: paging.PageOf<Line>, wanted: Wanted): void {
    const { position } = this;
    const moved = paging.movedBy(wanted, page, this.#page);
    const { jump } = wanted;
    // Between the end and another place there may be no row in common, and then nothing tells where the eye is.
    const isLost = wanted.from.kind === 'end' && moved === null && this.#page.rows.length > 0;
    const isOld = position.follow ? wanted.from.kind !== 'end' : isLost;
    if (jump !== this.#jump || (!jump && isOld)) {
      this.request('now');
      return;
    }
    this.#page = page;
    // While following, rows that came since then are not shown as empty ones.
    const end = page.first + page.rows.length;
    const total = position.follow && !jump && page.rows.length > 0 ? end : page.total;
    position.setTotal(total, moved ?? 0);
    if (this.#choose !== null) this.#choose += moved ?? 0;
    if (jump) this.#arrive(jump, page);
    this.#settleChoice();
    if (this.rows.includes(undefined)) this.request('soon');
  }

  /** Takes in the first page of something else: at its end, at what a jump goes to, or where the eye's rows are. */
  protected adopt(page: paging.PageOf<Line>, wanted: Wanted): void {
    this.#leave();
    this.#choose = null;
    this.#jump = wanted.jump;
    if (wanted.from.kind === 'end') this.position.resume();
    this.take(page, wanted);
  }

  /** Shows nothing, until something else comes: it is not there any more, or something else is wanted. */
  protected empty(): void {
    this.#leave();
    this.#choose = null;
    this.#page = paging.NO_PAGE;
    this.position.setTotal(0);
  }

  /** Puts the choice away where its row is gone. */
  protected forget(isGone: (id: number, page: paging.PageOf<Line>) => boolean): void {
    if (this.#selected && isGone(this.#selected.id, this.#page)) this.unselect();
  }

  /** A row by its number, where it is on screen or near it. */
  protected rowWith(id: number): Line | undefined {
    return this.#page.rows.find((row) => row.id === id);
  }

  /** Whether what is visible may differ from what the engine holds. */
  protected isStale(): boolean {
    return this.rows.includes(undefined);
  }

  #scroll(top: number): void {
    this.#leave();
    const { follow } = this.position;
    this.position.moveTo(top);
    // Where the newest rows were followed there is little before them: the rest is asked for with the first step.
    if (follow || this.position.follow) this.request('now');
    else this.#ensure();
  }

  #go(jump: Jump): Promise<boolean> {
    this.#leave();
    this.#choose = null;
    this.#jump = jump;
    this.request('now');
    return jump.arrival;
  }

  /** A jump under way is not wanted any more. */
  #leave(): void {
    this.#jump?.end(false);
    this.#jump = null;
  }

  #arrive(jump: Jump, page: paging.PageOf<Line>): void {
    this.#jump = null;
    const anchor = page.anchor ?? page.total;
    const place = Math.min(Math.max(0, anchor + jump.by), page.total - 1);
    const found = anchor < page.total && isAt(jump.to, page.rows[anchor - page.first]);
    if (place >= 0) this.position.bring(place);
    if (place >= 0 && jump.select && (found || jump.by !== 0)) this.#choose = place;
    jump.end(found);
  }

  #rowAt(place: number): Line | undefined {
    return this.#page.rows[place - this.#page.first];
  }

  #settleChoice(): void {
    const row = this.#choose === null ? undefined : this.#rowAt(this.#choose);
    if (!row) return;
    this.#choose = null;
    if (this.#selected?.id !== row.id) this.#selected = { id: row.id };
  }

  /** Pulls at once where a visible or chosen row is missing. */
  #ensure(): void {
    if (this.#choose !== null || this.rows.includes(undefined)) this.request('now');
  }
}

/** What is asked for, and the jump that it is asked for. */
export interface Wanted extends paging.Asked {
  jump: Jump | null;
}

/** Whether a row is what a jump goes to: a time is met by the first message behind it. */
function isAt(to: JumpTo, row: paging.Numbered | undefined): boolean {
  return row !== undefined && ('id' in to ? row.id === to.id : true);
}
