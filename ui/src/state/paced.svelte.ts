/**
 * Numbers that change with every message, shown no more often than an eye can read them. What comes sooner waits for
 * its turn, and the last of it is always shown. Each takes its turn alone, while the list is quiet: see `quiet`.
 */
import { untrack } from 'svelte';

import { FRAME, untilQuiet } from '$src/lib/quiet';

/** Those who wait, with when each may be shown. */
const waiting = new Map<() => void, number>();
let timer: ReturnType<typeof setTimeout> | undefined;

function arrange(): void {
  if (timer !== undefined || waiting.size === 0) return;
  const earliest = Math.min(...waiting.values());
  timer = setTimeout(turn, Math.max(FRAME, earliest - performance.now()));
}

function turn(): void {
  const wait = untilQuiet();
  if (wait > 0) {
    timer = setTimeout(turn, wait);
    return;
  }
  timer = undefined;
  const now = performance.now();
  for (const [show, from] of waiting) {
    if (from > now) continue;
    waiting.delete(show);
    show();
    break;
  }
  arrange();
}

export class Paced<T> {
  /** As it was at its last turn. */
  value = $state.raw() as T;
  #last = Number.NEGATIVE_INFINITY;

  /** For use while a component is made. `read` is followed like what a template reads. */
  constructor(read: () => T, interval = 250) {
    this.value = untrack(read);
    let next = this.value;
    const show = () => {
      this.#last = performance.now();
      this.value = next;
    };
    $effect(() => {
      next = read();
      if (!waiting.has(show)) waiting.set(show, this.#last + interval);
      arrange();
    });
    $effect(() => () => waiting.delete(show));
  }
}
