/** How much room the publish box needs: what is open in it has a height of its own, which a person may change. */
import type { ProfileId } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { draftOf } from '$src/state/drafts';

import { shown } from './shown.svelte';

/** `publish` while only a message is written, `publish_open` while there is more. */
export function publishSize(profile: ProfileId): 'publish' | 'publish_open' {
  const found = app.profiles.byId(profile);
  const { mode } = draftOf(profile, found?.follows_local_broker ?? false);
  const properties = shown.properties && found?.version === '5.0';
  return mode !== 'publish' || properties ? 'publish_open' : 'publish';
}
