/** How much room the publish box needs: what is open in it has a height of its own, which a person may change. */
import type { Profile } from '$src/bindings/engine';
import type { Draft } from '$src/state/drafts';

import { shown } from './shown.svelte';

/** `publish` while only a message is written, `publish_open` while there is more. */
export function publishSize(profile: Profile, { mode }: Draft): 'publish' | 'publish_open' {
  const properties = shown.properties && profile.version === '5.0';
  return mode !== 'publish' || properties ? 'publish_open' : 'publish';
}
