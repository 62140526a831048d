/**
 * One filter for two histories: what one of them comes to show, the other one shows too.
 *
 * It follows the histories and not the filter bar, because the menu of a row and the subscriptions narrow what is shown as well.
 */
import { untrack } from 'svelte';

import type { ViewFilter } from '$src/bindings/engine';
import { sameConditions } from '$src/lib/filter';

import type { HistoryState } from './history.svelte';

type Filtered = Pick<HistoryState, 'filter' | 'show'>;

export class OneFilter {
  readonly #both: readonly [Filtered, Filtered];
  #seen: (ViewFilter | null)[];

  /** Begins with the filter of the first, or the second's where the first shows everything. */
  constructor(first: Filtered, second: Filtered) {
    this.#both = [first, second];
    this.#seen = this.#both.map(({ filter }) => filter);
    const from = first.filter !== null ? first : second;
    this.#give(from === first ? second : first, from.filter);
  }

  /** One of them may show something else by now. */
  follow(): void {
    const now = this.#both.map(({ filter }) => filter);
    const changed = now.findIndex((filter, at) => filter !== this.#seen[at]);
    this.#seen = now;
    const other = this.#both[1 - changed];
    if (changed >= 0 && other) this.#give(other, now[changed] ?? null);
  }

  #give(to: Filtered, filter: ViewFilter | null): void {
    untrack(() => {
      if (!sameConditions(to.filter, filter)) void to.show(filter);
    });
  }
}
