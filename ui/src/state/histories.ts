/** The histories that the window has looked at, one for each profile, kept while it is open. */
import type { ProfileId } from '$src/bindings/engine';

import { HistoryState, type HistoryEvent } from './history.svelte';
import { outliving } from './reactive.svelte';

const histories = new Map<ProfileId, HistoryState>();

/** The history of a profile; made, and loaded, when it is first asked for. */
export function historyOf(profile: ProfileId): HistoryState {
  let history = histories.get(profile);
  if (!history) {
    history = outliving(() => new HistoryState(profile));
    histories.set(profile, history);
    void history.load();
  }
  return history;
}

/** Passes an event to the history it is about, where the window has one. */
export function historyChanged(event: HistoryEvent): void {
  histories.get(event.profile)?.changed(event);
}

/** Builds all histories anew: after a gap in the events. */
export function reloadHistories(): void {
  for (const history of histories.values()) void history.load();
}
