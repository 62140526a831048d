/**
 * A drag of rows with the pointer, from the press to the drop.
 *
 * Pointer events and not the browser's drag and drop: that belongs to the system's files here.
 */
import type { FolderId } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { dropAt, type Drop, type Pointer } from '$src/state/drag';
import type { Key } from '$src/state/tree';

/** How far the pointer moves before a press becomes a drag, in pixels. */
const SLACK = 4;
/** How long the pointer rests on a closed folder until it opens, in milliseconds. */
const OPENS = 700;

interface Point {
  clientX: number;
  clientY: number;
}

export class Dragging {
  /** Where it would be dropped now. */
  drop = $state.raw<Drop | null>(null);
  /** Where the pointer is, while rows are dragged. */
  at = $state.raw<{ x: number; y: number } | null>(null);
  #pressed: { key: Key; from: Point } | null = null;
  #resting: { folder: FolderId; timer: ReturnType<typeof setTimeout> } | null = null;

  get active(): boolean {
    return this.at !== null;
  }

  press(key: Key, from: Point): void {
    this.#pressed = { key, from };
  }

  /** Moves the pointer; `place` tells where it is among the rows. True once rows are dragged. */
  move(to: Point, place: (to: Point) => Pointer): boolean {
    const pressed = this.#pressed;
    if (!pressed) return false;
    if (!this.active) {
      const { clientX, clientY } = pressed.from;
      if (Math.hypot(to.clientX - clientX, to.clientY - clientY) < SLACK) return false;
      app.outline.aim(pressed.key);
    }
    this.at = { x: to.clientX, y: to.clientY };
    const { outline, profiles } = app;
    this.drop = dropAt(profiles.tree, outline.rows, outline.chosen, place(to));
    this.#rest();
    return true;
  }

  /** Lets go: what is dragged is moved to where it is shown. True where rows were dragged. */
  release(): boolean {
    const { active, drop } = this;
    this.cancel();
    if (active && drop) void app.attempt(() => app.outline.moveTo(drop.spot));
    return active;
  }

  cancel(): void {
    this.#pressed = null;
    this.drop = null;
    this.at = null;
    this.#rest();
  }

  /** Opens a closed folder that the pointer rests on. */
  #rest(): void {
    const mark = this.drop?.mark;
    const row = mark?.kind === 'into' ? app.outline.rows[mark.row] : undefined;
    const folder = row?.node.kind === 'folder' && !row.open ? row.node.id : null;
    if (folder === (this.#resting?.folder ?? null)) return;
    clearTimeout(this.#resting?.timer);
    this.#resting = null;
    if (folder === null) return;
    const open = () => void app.attempt(() => app.outline.setOpen(folder, true));
    this.#resting = { folder, timer: setTimeout(open, OPENS) };
  }
}
