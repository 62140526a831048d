/**
 * When to ask the engine for rows.
 *
 * Messages may come 100,000 a second; the window asks for what it shows and no faster than the eye reads. At most one
 * pull is in flight; pulls that follow the newest rows keep `interval` between their starts; a pull that the person caused
 * by scrolling goes out at once, or right after the one in flight. Requests that come meanwhile become one.
 */

/** The clock that a test can set. */
export interface Clock {
  /** Milliseconds; only differences count. */
  now(): number;
  /** Calls back once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

export type Haste = 'soon' | 'now';

export class PullScheduler {
  readonly #pull: () => Promise<void>;
  readonly #interval: number;
  readonly #clock: Clock;
  #inFlight = false;
  #wanted: Haste | null = null;
  #lastStart = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | null = null;
  #stopped = false;

  /** `pull` reports its own failures; one that rejects is taken as ended. */
  constructor(pull: () => Promise<void>, interval = 80, clock: Clock = realClock) {
    this.#pull = pull;
    this.#interval = interval;
    this.#clock = clock;
  }

  request(haste: Haste): void {
    if (this.#stopped) return;
    if (this.#wanted !== 'now') this.#wanted = haste;
    this.#arrange();
  }

  /** No pull starts any more. */
  stop(): void {
    this.#stopped = true;
    this.#wanted = null;
    this.#dropTimer();
  }

  #arrange(): void {
    if (this.#inFlight || this.#wanted === null) return;
    const wait = this.#wanted === 'now' ? 0 : this.#lastStart + this.#interval - this.#clock.now();
    if (wait <= 0) {
      this.#dropTimer();
      void this.#start();
    } else if (!this.#cancelTimer) {
      this.#cancelTimer = this.#clock.after(wait, () => {
        this.#cancelTimer = null;
        this.#arrange();
      });
    }
  }

  async #start(): Promise<void> {
    this.#wanted = null;
    this.#inFlight = true;
    this.#lastStart = this.#clock.now();
    try {
      await this.#pull();
    } catch {
      // The puller shows its own failures; the next request tries again.
    } finally {
      this.#inFlight = false;
      this.#arrange();
    }
  }

  #dropTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
  }
}
