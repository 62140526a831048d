/** A way to a message or a time whose place is not known yet: the page that comes tells it. */
import type { MessageId } from '$src/bindings/engine';

/** Where it goes to. */
export type JumpTo = { id: MessageId } | { time_us: number };

export class Jump {
  readonly to: JumpTo;
  /** Whether the row where it ends is chosen. */
  readonly select: boolean;
  /** Answers whether what it goes to was there; no where something else was wanted meanwhile. */
  readonly arrival: Promise<boolean>;
  /** Rows to go on from there, by keys. */
  by: number;
  #arrived: (found: boolean) => void = () => undefined;

  constructor(to: JumpTo, select: boolean, by = 0) {
    this.to = to;
    this.select = select;
    this.by = by;
    this.arrival = new Promise((resolve) => (this.#arrived = resolve));
  }

  /** It is over. */
  end(found: boolean): void {
    this.#arrived(found);
  }
}
