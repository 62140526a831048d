/**
 * When to change what stands beside the message list.
 *
 * A webview without a graphics card paints the smallest rectangle around all that changed in a frame. A number in the status
 * bar and a row in the list are together nearly the whole window, and apart next to nothing. So whatever follows
 * the messages outside the list waits until the list's last change has been painted.
 */

/** How long a change of the list may take to be painted, in milliseconds: less than two changes are apart. */
const PAINT = 24;

/** Two changes further apart are painted one after the other, in milliseconds. */
export const FRAME = 20;

let changed = Number.NEGATIVE_INFINITY;

/** Tells that rows of the list change now. */
export function rowsChanged(): void {
  changed = performance.now();
}

/** How long to wait until a change elsewhere is not painted together with the list's last one; 0 is: not at all. */
export function untilQuiet(): number {
  return Math.max(0, changed + PAINT - performance.now());
}
