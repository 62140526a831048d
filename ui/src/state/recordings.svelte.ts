/**
 * Histories that are not being recorded, also of profiles that are not shown: who forgot that one was switched off must
 * see it wherever the profile stands.
 */
import { SvelteSet } from 'svelte/reactivity';

import { call } from '$src/backend';
import type { ProfileId } from '$src/bindings/engine';

export class Recordings {
  readonly #off = new SvelteSet<ProfileId>();

  /** Asks for those that a session may be adding to. The others were switched off by nobody who is still here. */
  async load(profiles: ProfileId[]): Promise<void> {
    await Promise.all(
      profiles.map(async (profile) => {
        // Where a history cannot be opened, its own pane says so.
        const stats = await call('history_stats', { profile }).catch(() => null);
        if (stats) this.changed(profile, stats.recording);
      }),
    );
  }

  /** Takes in what an event of a history says. */
  changed(profile: ProfileId, recording: boolean): void {
    if (recording) this.#off.delete(profile);
    else this.#off.add(profile);
  }

  isOff(profile: ProfileId): boolean {
    return this.#off.has(profile);
  }

  async switch(profile: ProfileId, on: boolean): Promise<void> {
    await call('history_record', { profile, on });
  }
}
