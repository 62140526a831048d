/** Which rows are chosen, and what a click or a key makes of it: functions of the rows' keys alone. */
import type { Key } from './tree';

export interface Selection {
  chosen: ReadonlySet<Key>;
  /** The row that keys act on. */
  cursor: Key | null;
  /** Where a range begins. */
  anchor: Key | null;
}

export const NOTHING: Selection = { chosen: new Set(), cursor: null, anchor: null };

export function only(key: Key): Selection {
  return { chosen: new Set([key]), cursor: key, anchor: key };
}

/** Ctrl or Cmd and a click: one more, or one less. */
export function toggled(from: Selection, key: Key): Selection {
  const chosen = new Set(from.chosen);
  if (!chosen.delete(key)) chosen.add(key);
  return { chosen, cursor: key, anchor: key };
}

/** Shift: everything between the anchor and `key`. */
export function extended(from: Selection, key: Key, keys: readonly Key[]): Selection {
  const anchor = from.anchor !== null && keys.includes(from.anchor) ? from.anchor : key;
  const ends = [keys.indexOf(anchor), keys.indexOf(key)].sort((a, b) => a - b);
  return { chosen: new Set(keys.slice(ends[0], (ends[1] ?? 0) + 1)), cursor: key, anchor };
}

export function all(from: Selection, keys: readonly Key[]): Selection {
  const cursor = from.cursor ?? keys[0] ?? null;
  return { chosen: new Set(keys), cursor, anchor: cursor };
}

/** The key that lies `by` rows from the cursor, as far as there are rows. */
export function near(from: Selection, keys: readonly Key[], by: number): Key | null {
  const at = from.cursor === null ? -1 : keys.indexOf(from.cursor);
  const to = at < 0 ? (by < 0 ? keys.length - 1 : 0) : at + by;
  return keys[Math.min(Math.max(0, to), keys.length - 1)] ?? null;
}

/** What is left once `living` are all that there are. */
export function kept(from: Selection, living: ReadonlySet<Key>): Selection {
  const stays = (key: Key | null) => (key !== null && living.has(key) ? key : null);
  if ([...from.chosen].every((key) => living.has(key)) && stays(from.cursor) === from.cursor) {
    return from;
  }
  return {
    chosen: new Set([...from.chosen].filter((key) => living.has(key))),
    cursor: stays(from.cursor),
    anchor: stays(from.anchor),
  };
}
