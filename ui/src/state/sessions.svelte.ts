/** The sessions by profile: the engine's snapshots, replaced whole by events. */
import { SvelteMap } from 'svelte/reactivity';

import { call } from '$src/backend';
import type {
  DisconnectOptions,
  ProfileId,
  SessionSnapshot,
  SessionState,
  UserError,
} from '$src/bindings/engine';

/** The word of a session's state. */
export type StateWord = SessionState['state'];

export class Sessions {
  readonly #snapshots = new SvelteMap<ProfileId, SessionSnapshot>();
  /** What ended the last attempt. It stays while the next ones run, so that it can be read. */
  readonly #causes = new SvelteMap<ProfileId, UserError>();

  async load(): Promise<void> {
    const snapshots = await call('sessions_list', {});
    const current = snapshots.map((snapshot) => snapshot.profile);
    for (const profile of [...this.#snapshots.keys()]) {
      if (!current.includes(profile)) this.#snapshots.delete(profile);
    }
    for (const snapshot of snapshots) this.changed(snapshot);
  }

  /** Takes in an event of the engine. */
  changed(snapshot: SessionSnapshot): void {
    const { profile, state } = snapshot;
    this.#snapshots.set(profile, snapshot);
    if (state.state === 'waiting' || state.state === 'failed')
      this.#causes.set(profile, state.error);
    else if (state.state !== 'connecting' || state.attempt === 1) this.#causes.delete(profile);
  }

  of(profile: ProfileId): SessionSnapshot | undefined {
    return this.#snapshots.get(profile);
  }

  state(profile: ProfileId): SessionState {
    return this.of(profile)?.state ?? { state: 'disconnected' };
  }

  /** Whether a session of this profile is doing anything. */
  isOpen(profile: ProfileId): boolean {
    return this.state(profile).state !== 'disconnected';
  }

  /** Why the session waits, tries again or has failed. */
  cause(profile: ProfileId): UserError | null {
    return this.#causes.get(profile) ?? null;
  }

  async connect(profile: ProfileId): Promise<void> {
    await call('session_connect', { profile });
  }

  /** Disconnects; cancels an attempt or the wait for the next one. */
  async disconnect(profile: ProfileId, options: DisconnectOptions | null = null): Promise<void> {
    await call('session_disconnect', { profile, options });
  }

  async reconnectNow(profile: ProfileId): Promise<void> {
    await call('session_reconnect_now', { profile });
  }
}
