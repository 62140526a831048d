/** The filter bar of each profile. It outlives the pane, so that what was typed is there when a person comes back. */
import type { Profile, ProfileId } from '$src/bindings/engine';

import { app } from './app.svelte';
import { Filtering } from './filtering.svelte';
import { historyOf } from './histories';
import { outliving } from './reactive.svelte';

const filterings = new Map<ProfileId, Filtering>();

/** The filter bar of a profile, made when it is first asked for. */
export function filteringOf({ id }: Profile): Filtering {
  let filtering = filterings.get(id);
  if (!filtering) {
    const subscriptions = () =>
      app.profiles.byId(id)?.subscriptions.map(({ filter }) => filter) ?? [];
    filtering = outliving(() => new Filtering(historyOf(id), app.settings, subscriptions));
    filterings.set(id, filtering);
  }
  return filtering;
}
