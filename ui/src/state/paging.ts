/**
 * Which rows to ask for, and how far those on screen moved when the answer is there.
 *
 * Places move: older matches are found, limits remove the oldest messages, a clear takes some from the middle. So a list
 * that stands still asks from a message that it shows, and not by number. Only a jump farther than a page has nothing to
 * hold on to and asks by place; there is nothing on screen yet that could move.
 */
import type { HistoryStats, MessageId, PageFrom } from '$src/bindings/engine';

/** Rows that are fetched beyond what is visible, each way, so that short scrolls need no pull. */
export const MARGIN = 40;

/** Rows before the newest ones: enough for a turn of the wheel. The next page throws them away, so they are few. */
const BEFORE_NEWEST = 8;

/** The engine gives 500 rows at most. */
const MOST = 500;

/** What is listed: messages, packets. Their numbers rise along the list. */
export interface Numbered {
  id: number;
}

/** Some of what is listed. */
export interface PageOf<Row extends Numbered> {
  /** The place of the first row. */
  first: number;
  /** Rows altogether. */
  total: number;
  /** The place of what was asked for. */
  anchor: number | null;
  rows: Row[];
}

export const NO_PAGE: PageOf<never> = { first: 0, total: 0, anchor: null, rows: [] };

/** What is asked for. */
export interface Asked {
  from: PageFrom;
  count: number;
}

/** The page that ends with the newest row, for a viewport of `fit` rows. */
export function newest(fit: number): Asked {
  return { from: { kind: 'end' }, count: limited(fit + BEFORE_NEWEST) };
}

/** The page around a message or a time, with room to show it in the upper third of `fit` rows. */
export function around(at: { id: MessageId } | { time_us: number }, fit: number): Asked {
  const before = MARGIN + fit;
  const from =
    'id' in at
      ? { kind: 'message' as const, id: at.id, before }
      : { kind: 'time' as const, time_us: at.time_us, before };
  return { from, count: limited(before + fit + MARGIN) };
}

/** The page that covers `fit` rows from the place `top`, held to a row of `page` where one is near. */
export function standing(top: number, fit: number, page: PageOf<Numbered>): Asked {
  const first = Math.max(0, top - MARGIN);
  const end = top + fit + MARGIN;
  const at = Math.min(Math.max(top, page.first), page.first + page.rows.length - 1);
  const row = page.rows[at - page.first];
  const before = Math.max(0, at - first);
  const count = end - (at - before);
  if (row && before <= MOST && count <= MOST) {
    return { from: { kind: 'message', id: row.id, before }, count };
  }
  return { from: { kind: 'place', place: first }, count: limited(end - first) };
}

/** The place of a message in a page, where it has it. */
export function placeOf(id: number, page: PageOf<Numbered>): number | null {
  const at = page.rows.findIndex((row) => row.id === id);
  return at < 0 ? null : page.first + at;
}

/** How far the rows of `before` moved, as `page` tells; null where the two have nothing in common. */
export function movedBy(
  asked: Asked,
  page: PageOf<Numbered>,
  before: PageOf<Numbered>,
): number | null {
  if (asked.from.kind === 'message' && page.anchor !== null) {
    const stood = placeOf(asked.from.id, before);
    if (stood !== null) return page.anchor - stood;
  }
  const places = new Map(before.rows.map((row, at) => [row.id, before.first + at]));
  for (const [at, row] of page.rows.entries()) {
    const stood = places.get(row.id);
    if (stood !== undefined) return page.first + at - stood;
  }
  return null;
}

/** Whether messages only came between two counts. Numbers are given one after the other and never again. */
export function onlyCame(before: HistoryStats, after: HistoryStats): boolean {
  const came = after.messages - before.messages;
  if (before.last_id === null) return before.messages === 0;
  return came >= 0 && after.last_id !== null && came === after.last_id - before.last_id;
}

/** Whether a message is gone, as far as a page of the whole history can tell. */
export function isGone(id: MessageId, page: PageOf<Numbered>): boolean {
  const [first, last] = [page.rows[0], page.rows.at(-1)];
  return !!first && !!last && first.id < id && id < last.id && placeOf(id, page) === null;
}

function limited(count: number): number {
  return Math.min(MOST, count);
}
