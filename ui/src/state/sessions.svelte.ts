/** The sessions by profile: the engine's snapshots, replaced whole by events. */
import { SvelteMap } from 'svelte/reactivity';

import { call } from '$src/backend';
import type { ProfileId, SessionSnapshot, SessionState, UserError } from '$src/bindings/engine';

/** The word of a session's state. */
export type StateWord = SessionState['state'];

export class Sessions {
  readonly #snapshots = new SvelteMap<ProfileId, SessionSnapshot>();

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
    this.#snapshots.set(snapshot.profile, snapshot);
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

  /** Why the session waits or has failed. */
  error(profile: ProfileId): UserError | null {
    const state = this.state(profile);
    return state.state === 'waiting' || state.state === 'failed' ? state.error : null;
  }

  async connect(profile: ProfileId): Promise<void> {
    await call('session_connect', { profile });
  }

  /** Disconnects; cancels an attempt or the wait for the next one. */
  async disconnect(profile: ProfileId): Promise<void> {
    await call('session_disconnect', { profile });
  }

  async reconnectNow(profile: ProfileId): Promise<void> {
    await call('session_reconnect_now', { profile });
  }
}
