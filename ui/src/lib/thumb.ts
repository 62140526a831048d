/**
 * The thumb of a list's scrollbar, and where dragging it leads.
 *
 * Both ends meet exactly: the thumb touches the end of its track when the list is at its end, however many rows stand
 * for one pixel. The price of many is that dragging lands on a row near the pointer; wheel and keys are exact.
 */
import { maxTop, type Extent } from '$src/lib/windowing';

/** The shortest thumb that a hand hits, in pixels. */
const SHORTEST = 24;

/** A thumb in its track, in pixels. */
export interface Thumb {
  start: number;
  length: number;
}

/** The thumb at `top` in a track of `track` pixels; none where there is nothing to scroll. */
export function thumbAt(top: number, extent: Extent, track: number): Thumb | null {
  const most = maxTop(extent);
  if (most <= 0 || track <= SHORTEST) return null;
  const share = extent.viewport / (extent.rows * extent.rowHeight);
  const length = Math.max(SHORTEST, Math.round(share * track));
  return {
    start: Math.round((Math.min(Math.max(0, top), most) / most) * (track - length)),
    length,
  };
}

/** The `top` for a thumb of this length that was dragged to `start`. */
export function topFor(start: number, length: number, extent: Extent, track: number): number {
  const range = track - length;
  if (range <= 0) return 0;
  return (Math.min(Math.max(0, start), range) / range) * maxTop(extent);
}
