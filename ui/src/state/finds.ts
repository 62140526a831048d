/** Searches that the window has open: how far each is goes to who follows it. */
import type { Event, FindId, ViewState } from '$src/bindings/engine';

import { Following } from './following';

const finds = new Following<FindId, ViewState>();

/** Passes the states of a search; the answer ends it. */
export function followFind(find: FindId, take: (state: ViewState) => void): () => void {
  return finds.follow(find, take);
}

/** Passes an event to the search it is about. */
export function findChanged({ find, state }: Extract<Event, { event: 'find' }>): void {
  finds.changed(find, state);
}
