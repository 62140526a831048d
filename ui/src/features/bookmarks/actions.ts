/** What can be done with bookmarks from the list. */
import type { MessageId } from '$src/bindings/engine';
import { bookmarksOf } from '$src/state/bookmarks-of';
import type { HistoryState } from '$src/state/history.svelte';

/** Marks the chosen message, or takes its mark away. */
export async function bookmarkChosen(history: HistoryState): Promise<void> {
  if (history.selected) await toggleBookmark(history, history.selected.id);
}

/** Marks a message, or takes its mark away. What the engine refuses is shown where bookmarks are. */
export async function toggleBookmark(history: HistoryState, id: MessageId): Promise<void> {
  await bookmarksOf(history.profile).toggle(id);
}

/** Goes to the next bookmark on one side of the chosen message. */
export function stepBookmark(history: HistoryState, towards: 'older' | 'newer'): void {
  const next = bookmarksOf(history.profile).next(history.selected?.id ?? null, towards);
  if (next) void history.reveal(next.id, { select: true });
}
