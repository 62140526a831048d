/**
 * A drag of a message from one list to the other, from the press to the drop.
 *
 * Pointer events and not the browser's drag and drop: that belongs to the system's files here.
 */
import type { MessageRef } from '$src/bindings/engine';
import type { Side } from '$src/state/sides-place.svelte';

/** How far the pointer moves before a press becomes a drag, in pixels. */
const SLACK = 5;

export interface Held {
  message: MessageRef;
  from: Side;
  topic: string;
}

interface Point {
  clientX: number;
  clientY: number;
}

export class RowDrag {
  /** What is dragged, once it is. */
  held = $state.raw<Held | null>(null);
  /** Where the pointer is while something is dragged. */
  at = $state.raw({ x: 0, y: 0 });
  /** It would be dropped on the other side now. */
  over = $state(false);
  #pressed: (Held & { point: Point }) | null = null;

  press(held: Held, { clientX, clientY }: Point): void {
    this.#pressed = { ...held, point: { clientX, clientY } };
  }

  /** Moves the pointer; `side` is where it is. */
  move({ clientX, clientY }: Point, side: Side | null): void {
    const pressed = this.#pressed;
    if (!pressed) return;
    const { point, ...held } = pressed;
    const far = Math.hypot(clientX - point.clientX, clientY - point.clientY);
    if (!this.held && far < SLACK) return;
    this.held = held;
    this.at = { x: clientX, y: clientY };
    this.over = side !== null && side !== held.from;
  }

  /** Lets go; answers what was dropped on the other side. */
  release(): Held | null {
    const dropped = this.over ? this.held : null;
    this.cancel();
    return dropped;
  }

  cancel(): void {
    this.#pressed = null;
    this.held = null;
    this.over = false;
  }
}

/** The side that the pointer is on. */
export function sideAt(
  { clientX, clientY }: Point,
  elements: Record<Side, HTMLElement | undefined>,
): Side | null {
  const isOn = (side: Side) => {
    const box = elements[side]?.getBoundingClientRect();
    if (!box) return false;
    const isBeside = clientX < box.left || clientX >= box.right;
    return !isBeside && clientY >= box.top && clientY < box.bottom;
  };
  return isOn('left') ? 'left' : isOn('right') ? 'right' : null;
}
