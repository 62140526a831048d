/**
 * Numbers that change with every message, shown no more often than an eye can read them. What comes sooner waits for
 * its turn, and the last of it is always shown.
 */
import { untrack } from 'svelte';

export class Paced<T> {
  /** As it was at its last turn. */
  value = $state.raw() as T;
  #last = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** For use while a component is made. `read` is followed like what a template reads. */
  constructor(read: () => T, interval = 250) {
    this.value = untrack(read);
    let next = this.value;
    const show = () => {
      this.#timer = undefined;
      this.#last = performance.now();
      this.value = next;
    };
    $effect(() => {
      next = read();
      const wait = this.#last + interval - performance.now();
      if (wait <= 0 && this.#timer === undefined) show();
      else this.#timer ??= setTimeout(show, wait);
    });
    $effect(() => () => clearTimeout(this.#timer));
  }
}
