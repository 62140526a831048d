/** Something that is done anew with every change, and of which only the last time counts. */
export class Latest {
  #last: Promise<void> | null = null;

  /** Does it; `act` can ask whether it is still the last. Everybody who waits goes on when the last one is done, also who came before. */
  async run(act: (isLast: () => boolean) => Promise<void>): Promise<void> {
    const mine: Promise<void> = Promise.resolve().then(() => act(() => this.#last === mine));
    this.#last = mine;
    let waited: Promise<void> | null = null;
    while (waited !== this.#last) {
      waited = this.#last;
      await waited;
    }
  }
}
