/**
 * Which rows of a very long list are on screen.
 *
 * The position is kept as `top`, the distance in pixels from the list's first row to the upper edge of the viewport,
 * in a number that is exact far beyond a billion rows. Only the scrollbar is scaled: browsers cap an element's height
 * (near 33 million pixels, less in some), so beyond `CAP` a pixel of the scrollbar stands for more than one of the
 * list. The price: while scaled, wheel and keys must move `top` themselves, which `wheelPixels` and the callers do, and
 * dragging the thumb lands on a row near the pointer rather than on an exact pixel.
 */

/** The tallest spacer that is laid out, in pixels. */
export const CAP = 8_000_000;

/** What is scrolled through what. */
export interface Extent {
  /** How many rows there are. */
  rows: number;
  /** The height of each, in pixels. */
  rowHeight: number;
  /** The height of the visible part, in pixels. */
  viewport: number;
}

/** The largest `top`. */
export function maxTop(extent: Extent): number {
  return Math.max(0, extent.rows * extent.rowHeight - extent.viewport);
}

/** `top`, brought into the list. */
export function clampTop(top: number, extent: Extent): number {
  return Math.min(Math.max(0, top), maxTop(extent));
}

/** The height of the element that gives the scrollbar its length. */
export function spacerHeight(extent: Extent, cap = CAP): number {
  return Math.min(extent.rows * extent.rowHeight, cap);
}

/** Whether a pixel of the scrollbar is more than a pixel of the list. */
export function isScaled(extent: Extent, cap = CAP): boolean {
  return extent.rows * extent.rowHeight > cap;
}

/** Where the scrollbar's position lies in the list; both ends meet exactly. */
export function topFromScroll(scroll: number, extent: Extent, cap = CAP): number {
  if (!isScaled(extent, cap)) return clampTop(scroll, extent);
  const range = spacerHeight(extent, cap) - extent.viewport;
  if (range <= 0) return 0;
  return clampTop((scroll / range) * maxTop(extent), extent);
}

/** The scrollbar's position for a place in the list. */
export function scrollFromTop(top: number, extent: Extent, cap = CAP): number {
  if (!isScaled(extent, cap)) return clampTop(top, extent);
  const most = maxTop(extent);
  if (most <= 0) return 0;
  return (clampTop(top, extent) / most) * (spacerHeight(extent, cap) - extent.viewport);
}

/** The rows that are at least partly visible. */
export interface Visible {
  /** The first one's index. */
  first: number;
  /** How many. */
  count: number;
  /** How many pixels of the first one are above the viewport: 0 up to the height of a row. */
  cut: number;
}

export function visible(top: number, extent: Extent): Visible {
  const at = clampTop(top, extent);
  const first = Math.min(Math.floor(at / extent.rowHeight), Math.max(0, extent.rows - 1));
  const cut = at - first * extent.rowHeight;
  const fit = Math.ceil((extent.viewport + cut) / extent.rowHeight);
  return { first, count: Math.max(0, Math.min(fit, extent.rows - first)), cut };
}

/** How many rows are wholly visible: what PageUp and PageDown move by, at least one. */
export function pageRows(extent: Extent): number {
  return Math.max(1, Math.floor(extent.viewport / extent.rowHeight) - 1);
}

/** The `top` nearest to the present one at which a row is wholly visible. */
export function reveal(row: number, top: number, extent: Extent): number {
  const above = row * extent.rowHeight;
  const below = above + extent.rowHeight - extent.viewport;
  return clampTop(Math.max(below, Math.min(above, top)), extent);
}

/** The `top` at which a row is in the upper third; the present one where the row is wholly visible already. */
export function bring(row: number, top: number, extent: Extent): number {
  if (reveal(row, top, extent) === top) return top;
  const third = Math.floor(extent.viewport / 3 / extent.rowHeight);
  return clampTop((row - third) * extent.rowHeight, extent);
}

/** A wheel event's way in pixels; events may count in lines or pages instead. */
export function wheelPixels(event: { deltaY: number; deltaMode: number }, extent: Extent): number {
  if (event.deltaMode === 1) return event.deltaY * extent.rowHeight;
  if (event.deltaMode === 2) return event.deltaY * extent.viewport;
  return event.deltaY;
}
