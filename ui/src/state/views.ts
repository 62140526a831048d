/** Views that the window has open: how far each is goes to who follows it. */
import type { Event, ViewId, ViewState } from '$src/bindings/engine';

import { Following } from './following';

const views = new Following<ViewId, ViewState>();

/** Passes the states of a view; the answer ends it. */
export function followView(view: ViewId, take: (state: ViewState) => void): () => void {
  return views.follow(view, take);
}

/** Passes an event to the view it is about. */
export function viewChanged({ view, state }: Extract<Event, { event: 'view' }>): void {
  views.changed(view, state);
}
