/**
 * Where in a long list the person is, and whether the newest row is followed.
 *
 * While following, the list is only as long as the rows that have arrived, so that no empty row shows; while paused it
 * grows below the viewport and what the eye reads stays where it is, also when rows come or go above it.
 */
import * as windowing from '$src/lib/windowing';

export class Position {
  readonly #rowHeight: number;
  #total = $state(0);
  #top = $state(0);
  #viewport = $state(0);
  #follow = $state(true);
  /** How many rows had come when the newest was last on screen. */
  #seen = $state(0);

  readonly extent = $derived.by<windowing.Extent>(() => ({
    rows: this.#total,
    rowHeight: this.#rowHeight,
    viewport: this.#viewport,
  }));
  readonly visible = $derived(windowing.visible(this.#top, this.extent));
  /** Rows that came since the newest one was last on screen. */
  readonly newBelow = $derived(this.#follow ? 0 : Math.max(0, this.#total - this.#seen));
  /** Whether the list is longer than the viewport. */
  readonly overflows = $derived(windowing.maxTop(this.extent) > 0);

  /** Whether the last row is in view. */
  readonly atEnd = $derived(this.#top >= windowing.maxTop(this.extent) - 1);

  constructor(rowHeight: number) {
    this.#rowHeight = rowHeight;
  }

  get total(): number {
    return this.#total;
  }
  /** The distance from the first row to the upper edge of the viewport, in pixels of the whole list. */
  get top(): number {
    return this.#top;
  }
  get viewport(): number {
    return this.#viewport;
  }
  get follow(): boolean {
    return this.#follow;
  }
  /** Rows that are at least partly seen where the viewport is full. */
  get fit(): number {
    return Math.ceil(this.#viewport / this.#rowHeight) + 1;
  }

  /** Tells how much of the list can be seen, in pixels. */
  resize(viewport: number): void {
    this.#viewport = viewport;
    this.#settle();
  }

  /**
   * Tells how many rows there are to see, and by how many the places of those on screen moved: up where older ones
   * were found, down where older ones are gone.
   */
  setTotal(total: number, moved = 0): void {
    if (moved !== 0) {
      this.#seen = Math.max(0, this.#seen + moved);
      this.#top = Math.max(0, this.#top + moved * this.#rowHeight);
    }
    this.#total = total;
    this.#seen = Math.min(this.#seen, total);
    // What fits as a whole shows its newest row.
    if (!this.overflows) this.#follow = true;
    this.#settle();
  }

  /** Moves as the person scrolled; the end of the list follows again, any other place pauses. */
  moveTo(top: number): void {
    if (top >= windowing.maxTop(this.extent) - 1) this.resume();
    else this.#stand(top);
  }

  /** Shows a row and stays there; one that is wholly visible does not move. */
  bring(row: number): void {
    if (this.overflows) this.#stand(windowing.bring(row, this.#top, this.extent));
  }

  /** Stays while rows come. Without effect on a list that fits the viewport: its newest row is on screen. */
  pause(): void {
    if (this.overflows) this.#follow = false;
  }

  /** Goes to the newest row and stays there. */
  resume(): void {
    this.#follow = true;
    this.#settle();
  }

  #stand(top: number): void {
    this.pause();
    this.#top = windowing.clampTop(top, this.extent);
    this.#seen = Math.max(this.#seen, this.visible.first + this.visible.count);
  }

  #settle(): void {
    if (this.#follow) {
      this.#top = windowing.maxTop(this.extent);
      this.#seen = this.#total;
    } else {
      this.#top = windowing.clampTop(this.#top, this.extent);
    }
  }
}
