/**
 * The account of a session's attempts, pulled while somebody looks at it.
 *
 * While a lost session tries again and again, each attempt has an account of its own that begins empty. What the last
 * judged failure said stays until a newer one is judged or the connection stands, so that it can be read.
 */
import { call } from '$src/backend';
import type { ProfileId, Report, SessionSnapshot } from '$src/bindings/engine';
import { PullScheduler } from '$src/lib/pull';

export class SessionReport {
  readonly profile: ProfileId;
  /** The account of the current or the last attempt. */
  latest = $state.raw<Report | null>(null);
  /** The account of the last failure that was judged. */
  failure = $state.raw<Report | null>(null);

  readonly #pulls = new PullScheduler(() => this.#pull());
  #seen = '';
  /** Whether a failure is something to show as things stand. */
  #failing = false;

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  /** Takes in the session's snapshot. Traffic alone asks for nothing. */
  follow(snapshot: SessionSnapshot | undefined): void {
    if (!snapshot) return;
    const { state, last_attempt: attempt } = snapshot;
    this.#failing =
      state.state === 'waiting' ||
      state.state === 'failed' ||
      (state.state === 'connecting' && state.attempt > 1);
    if (!this.#failing) this.failure = null;
    const seen = JSON.stringify([state, attempt]);
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#pulls.request(state.state === 'connecting' ? 'soon' : 'now');
  }

  /** Nobody looks any more. */
  stop(): void {
    this.#pulls.stop();
  }

  async #pull(): Promise<void> {
    const report = await call('session_report', { profile: this.profile });
    this.latest = report;
    if (this.#failing && report?.diagnosis?.verdict === 'failed') this.failure = report;
  }
}
