/** The order of User Properties counts, and names may repeat (MQTT 5.0, 3.1.2.11.8). */

/** Moves the item at `from` by `step` places; the index where it now is, or `from` where it cannot move. */
export function move<T>(list: T[], from: number, step: -1 | 1): number {
  const to = from + step;
  if (from < 0 || from >= list.length || to < 0 || to >= list.length) return from;
  list.splice(to, 0, ...list.splice(from, 1));
  return to;
}
