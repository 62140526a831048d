/**
 * Events about something that the engine named while it answered. The answer and the events come on two ways, so an
 * event may be here before the name is known; the last state of each such is kept for whoever follows it then.
 */

/** Names without a follower whose state is kept: more than are opened at once, few enough to forget. */
const KEPT = 32;

export class Following<Id, State> {
  readonly #followers = new Map<Id, (state: State) => void>();
  readonly #early = new Map<Id, State>();

  /** Passes what comes about `id`, and what came already; the answer ends it. */
  follow(id: Id, take: (state: State) => void): () => void {
    this.#followers.set(id, take);
    const early = this.#early.get(id);
    this.#early.delete(id);
    if (early !== undefined) take(early);
    return () => {
      if (this.#followers.get(id) === take) this.#followers.delete(id);
    };
  }

  /** Takes in an event of the engine. */
  changed(id: Id, state: State): void {
    const take = this.#followers.get(id);
    if (take) {
      take(state);
      return;
    }
    this.#early.delete(id);
    this.#early.set(id, state);
    const [oldest] = this.#early.keys();
    if (this.#early.size > KEPT && oldest !== undefined) this.#early.delete(oldest);
  }
}
