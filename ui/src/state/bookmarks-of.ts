/** The bookmarks of each profile's history, kept while the window is open. */
import type { ProfileId } from '$src/bindings/engine';

import { Bookmarks } from './bookmarks.svelte';
import { outliving } from './reactive.svelte';

const all = new Map<ProfileId, Bookmarks>();

/** The bookmarks of a profile, made when they are first asked for. */
export function bookmarksOf(profile: ProfileId): Bookmarks {
  let bookmarks = all.get(profile);
  if (!bookmarks) {
    bookmarks = outliving(() => new Bookmarks(profile));
    all.set(profile, bookmarks);
  }
  return bookmarks;
}
