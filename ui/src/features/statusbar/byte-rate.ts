/** Bytes a second, from totals that are looked at now and then. */

/** The shortest time over which a rate is taken, in milliseconds. */
const SPAN = 1_000;

export class ByteRate {
  #since: { bytes: number; at: number } | null = null;
  #rate = 0;

  /** The rate at the last look that was long enough after the one before. */
  look(bytes: number, now: number): number {
    const since = this.#since;
    // A new connection counts from 0 again.
    if (!since || bytes < since.bytes) {
      this.#since = { bytes, at: now };
      this.#rate = 0;
    } else if (now - since.at >= SPAN) {
      this.#rate = ((bytes - since.bytes) * 1_000) / (now - since.at);
      this.#since = { bytes, at: now };
    }
    return this.#rate;
  }
}
