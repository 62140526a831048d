/** The publishing of each profile. It outlives the pane, so that an outcome is not missed by switching. */
import type { ProfileId } from '$src/bindings/engine';

import { Publishing } from './publishing.svelte';
import { outliving } from './reactive.svelte';

const publishings = new Map<ProfileId, Publishing>();

/** The publishing of a profile, made when it is first asked for. */
export function publishingOf(profile: ProfileId): Publishing {
  let publishing = publishings.get(profile);
  if (!publishing) {
    publishing = outliving(() => new Publishing(profile));
    publishings.set(profile, publishing);
  }
  return publishing;
}
