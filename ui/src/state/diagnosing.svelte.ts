/** The diagnosis of a saved profile: what is asked for, and how it goes. It outlives its page, so that one can look elsewhere meanwhile. */
import type { DiagnosisOptions, Profile, ProfileId } from '$src/bindings/engine';

import { DiagnosisRun } from './diagnosis.svelte';

export class Diagnosing {
  readonly run = new DiagnosisRun();
  /** Whether the subscriptions are made. */
  subscribe = $state(true);
  stay = $state(false);
  /** The person's consent to try the other schemes. */
  otherSchemes = $state(false);
  /** Whether what is asked for is shown. */
  unfolded = $state(true);
  /** The profile as it was when the diagnosis began. */
  profile = $state.raw<Profile | null>(null);

  /** What this profile can be asked for. */
  optionsFor(profile: Profile, isRunning: boolean): DiagnosisOptions {
    return {
      subscribe: this.subscribe && profile.subscriptions.length > 0,
      stay: this.stay && profile.keep_alive > 0,
      other_schemes: this.otherSchemes,
      other_client_id: isRunning,
    };
  }

  /** Begins it. `isRunning`: a session of the profile runs and must not be taken over. */
  async start(profile: Profile, isRunning: boolean): Promise<void> {
    this.unfolded = false;
    this.profile = profile;
    await this.run.start(profile, [], this.optionsFor(profile, isRunning));
  }
}

const known = new Map<ProfileId, Diagnosing>();

/** The diagnosis of a profile; the same object each time. */
export function diagnosingOf(profile: ProfileId): Diagnosing {
  let diagnosing = known.get(profile);
  if (!diagnosing) {
    diagnosing = new Diagnosing();
    known.set(profile, diagnosing);
  }
  return diagnosing;
}
