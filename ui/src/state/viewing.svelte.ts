/**
 * What is shown of a history: all of it, or a view that the engine keeps open.
 *
 * Opening takes a moment, and a person may want something else meanwhile; so a view is opened beside the one that is
 * shown, and put in its place with its first rows.
 */
import { call } from '$src/backend';
import type { ProfileId, ViewFilter, ViewId, ViewState } from '$src/bindings/engine';

import { followView } from './views';

/** Something to show; `view` is null for the whole history. */
export class Viewing {
  readonly filter: ViewFilter | null;
  readonly view: ViewId | null;
  /** How far the search for it is. */
  state = $state.raw<ViewState | null>(null);
  #unfollow: (() => void) | null = null;

  private constructor(filter: ViewFilter | null, view: ViewId | null, state: ViewState | null) {
    this.filter = filter;
    this.view = view;
    this.state = state;
  }

  /** Everything; no view is needed for it. */
  static readonly EVERYTHING = new Viewing(null, null, null);

  /** Opens what a person wants to see; `changed` hears when there may be other rows. It is to be closed. */
  static async open(
    profile: ProfileId,
    filter: ViewFilter | null,
    changed: () => void,
  ): Promise<Viewing> {
    if (!filter) return Viewing.EVERYTHING;
    const { view, state } = await call('view_open', { profile, filter });
    const viewing = new Viewing(filter, view, state);
    viewing.#unfollow = followView(view, (state) => {
      viewing.state = state;
      changed();
    });
    return viewing;
  }

  /** Closes it. The engine closes forgotten ones by itself, so that it matters to nobody whether this fails. */
  close(): void {
    this.#unfollow?.();
    if (this.view !== null) void call('view_close', { view: this.view }).catch(() => undefined);
  }
}

/** A filter with further conditions; topics take the place of those that were there, because any of them would do. */
export function narrowed(filter: ViewFilter | null, part: Partial<ViewFilter>): ViewFilter {
  const from = filter ?? NO_CONDITIONS;
  return {
    ...from,
    ...part,
    without_topics: joined(from.without_topics, part.without_topics),
    payload: joined(from.payload, part.payload),
    user_properties: joined(from.user_properties, part.user_properties),
  };
}

/** A filter that lets everything through. */
export const NO_CONDITIONS: ViewFilter = {
  topics: [],
  without_topics: [],
  direction: null,
  qos: [],
  retain: null,
  dup: null,
  from_us: null,
  until_us: null,
  min_size: null,
  max_size: null,
  payload: [],
  user_properties: [],
  content_type: '',
};

/** Both lists, each entry once. */
function joined<T>(one: T[], other: T[] = []): T[] {
  const known = new Set(one.map((entry) => JSON.stringify(entry)));
  return [...one, ...other.filter((entry) => !known.has(JSON.stringify(entry)))];
}
