/** What the engine refuses about bookmarks, in words. */
import type { UserError } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { errorLine } from '$src/i18n/error-line';
import type { Formats } from '$src/lib/format';
import { MOST_NOTE } from '$src/state/bookmarks.svelte';

/** Why a bookmark was not made or changed. */
export function refusalText(error: UserError, note: string, format: Formats): string {
  const limit = error.details['limit'];
  if (limit === undefined) return m.bookmark_refused({ message: errorLine(error) });
  return [...note].length > MOST_NOTE
    ? m.bookmark_note_too_long({ limit: format.count(Number(limit)) })
    : m.bookmark_too_many({ limit: format.count(Number(limit)) });
}
