/** The comparisons of pairs of sessions that the window has looked at: what was chosen for each stays while it is open. */
import type { ProfileId } from '$src/bindings/engine';

import { app } from './app.svelte';
import { Filtering } from './filtering.svelte';
import { outliving } from './reactive.svelte';
import { SidesComparison } from './sides-comparison.svelte';
import { turnedKinds } from './sides-comparison-options';
import { SidesDetail } from './sides-comparison-detail.svelte';

/** A comparison with the bar of its filter and the detail of its chosen row. */
export interface Compared {
  comparison: SidesComparison;
  filtering: Filtering;
  detail: SidesDetail;
}

const known = new Map<string, Compared>();

/** The comparison of two sessions, made when it is first asked for. */
export function sidesOf(left: ProfileId, right: ProfileId): Compared {
  const key = JSON.stringify([left, right]);
  let compared = known.get(key);
  if (!compared) {
    compared = outliving(() => make(left, right));
    known.set(key, compared);
    const turned = known.get(JSON.stringify([right, left]));
    if (turned) {
      const { filter, patience, kinds } = turned.comparison;
      Object.assign(compared.comparison, { filter, patience, kinds: turnedKinds(kinds) });
    }
  }
  return compared;
}

function make(left: ProfileId, right: ProfileId): Compared {
  const comparison = new SidesComparison({ left, right });
  const subscriptions = () => {
    const filters = [left, right].flatMap((id) =>
      (app.profiles.byId(id)?.subscriptions ?? []).map(({ filter }) => filter),
    );
    return [...new Set(filters)];
  };
  const filtering = new Filtering(comparison, app.settings, subscriptions);
  return { comparison, filtering, detail: new SidesDetail({ left, right }) };
}
