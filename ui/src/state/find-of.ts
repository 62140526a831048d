/** The search within each profile's list, kept while the window is open. */
import type { ProfileId } from '$src/bindings/engine';

import { FindState } from './find.svelte';
import { historyOf } from './histories';
import { outliving } from './reactive.svelte';

const finds = new Map<ProfileId, FindState>();

/** The search of a profile, made when it is first asked for. */
export function findOf(profile: ProfileId): FindState {
  let find = finds.get(profile);
  if (!find) {
    find = outliving(() => new FindState(historyOf(profile)));
    finds.set(profile, find);
  }
  return find;
}
