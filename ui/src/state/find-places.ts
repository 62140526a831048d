/** Where messages lie in what a list shows: for marks along its edge. */
import { call } from '$src/backend';
import type { MessageId, ProfileId, ViewId } from '$src/bindings/engine';

/** Bookmarks that are looked up one by one in a view; more would only fill its edge. */
const MOST_ASKED = 48;

export interface MarkedPlace {
  id: MessageId;
  /** From the beginning of the list, 0, to its end, 1. */
  share: number;
}

/** What the list shows, and how much it is. */
export interface Shown {
  view: ViewId | null;
  total: number;
  /** The oldest message of the history. */
  first: MessageId | null;
}

/** A list of a profile. */
interface Within {
  readonly profile: ProfileId;
  readonly view: ViewId | null;
}

/**
 * Where messages lie. In a whole history their numbers tell, which rise without gaps but where something was cleared; in a
 * view each is asked for, the newest ones first, and those that it does not show are left out.
 */
export async function placesOf(
  list: Within,
  messages: readonly { id: MessageId }[],
  { view, total, first }: Shown,
): Promise<MarkedPlace[]> {
  if (messages.length === 0 || total === 0) return [];
  if (view === null) {
    const from = first ?? 1;
    return messages.map(({ id }) => ({ id, share: within((id - from) / total) }));
  }
  const asked = messages.slice(-MOST_ASKED).map(({ id }) => placeIn(list.profile, view, id));
  try {
    return (await Promise.all(asked)).flatMap((place) => place ?? []);
  } catch {
    // The view is gone; the list opens another one.
    return [];
  }
}

/** The number of the message at a place; null behind the end. */
export async function idAt({ profile, view }: Within, place: number): Promise<MessageId | null> {
  const from = { kind: 'place' as const, place };
  const page = await call('history_page', { profile, view, from, count: 1 });
  return page.rows[0]?.id ?? null;
}

async function placeIn(
  profile: ProfileId,
  view: ViewId,
  id: MessageId,
): Promise<MarkedPlace | null> {
  const from = { kind: 'message' as const, id, before: 0 };
  const page = await call('history_page', { profile, view, from, count: 1 });
  if (page.rows[0]?.id !== id || page.anchor === null) return null;
  return { id, share: within(page.anchor / Math.max(1, page.total)) };
}

const within = (share: number) => Math.min(1, Math.max(0, share));
