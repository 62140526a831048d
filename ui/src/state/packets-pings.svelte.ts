/**
 * The last pings of a session. The engine does not tell of each; they are asked for when the timeline has moved, once a
 * second at most, and only while a pane shows them.
 */
import { call } from '$src/backend';
import type { PingTime, ProfileId } from '$src/bindings/engine';
import { PullScheduler, realClock, type Clock } from '$src/lib/pull';

const INTERVAL = 1_000;

export class Pings {
  list = $state.raw<PingTime[]>([]);
  readonly #scheduler: PullScheduler;

  constructor(profile: ProfileId, clock: Clock = realClock) {
    const pull = async () => {
      // A pane without its chart is better than one that complains about it.
      this.list = await call('packets_pings', { profile });
    };
    this.#scheduler = new PullScheduler(pull, INTERVAL, clock);
  }

  request(): void {
    this.#scheduler.request('soon');
  }
}
