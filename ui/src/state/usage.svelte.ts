/** What a history takes on the disk, while somebody looks at it. It is asked for again while messages come, but seldom. */
import { call, toUserError } from '$src/backend';
import type { HistoryUsage, ProfileId, Retention, UserError } from '$src/bindings/engine';
import { wouldRemove } from '$src/lib/limits';
import { PullScheduler, realClock, type Clock } from '$src/lib/pull';

/** The shortest time between two questions, in milliseconds. */
const INTERVAL = 1_000;

export class UsageState {
  readonly profile: ProfileId;
  value = $state.raw<HistoryUsage | null>(null);
  error = $state.raw<UserError | null>(null);
  readonly #scheduler: PullScheduler;

  constructor(profile: ProfileId, clock: Clock = realClock) {
    this.profile = profile;
    this.#scheduler = new PullScheduler(() => this.load(), INTERVAL, clock);
  }

  /** Something about the history has changed. */
  refresh(): void {
    this.#scheduler.request('soon');
  }

  /** Nobody looks at it any more. */
  stop(): void {
    this.#scheduler.stop();
  }

  async load(): Promise<void> {
    try {
      this.value = await call('history_usage', { profile: this.profile });
      this.error = null;
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  /** About how many messages would go if these limits were held now. Ages are exact: the engine finds the place. */
  async wouldRemove(retention: Retention, nowMs = Date.now()): Promise<number> {
    const { usage } = await call('history_usage', { profile: this.profile });
    const held = {
      messages: usage.messages,
      used: usage.file_bytes - usage.free_bytes,
      older: await this.#olderThan(retention.max_age_s, nowMs),
    };
    return wouldRemove(held, retention);
  }

  async #olderThan(age_s: number | null, nowMs: number): Promise<number> {
    if (age_s === null) return 0;
    const time_us = (nowMs - age_s * 1_000) * 1_000;
    const from = { kind: 'time' as const, time_us, before: 0 };
    const asked = { profile: this.profile, view: null, from, count: 1 };
    const page = await call('history_page', asked);
    return page.anchor ?? page.total;
  }
}
