/**
 * Round trips as a line: where its points lie, and where an answer is missing.
 *
 * The line breaks where an answer is missing; joining over the gap would draw a round trip that never was. Points stand at
 * equal distances, whatever the time between pings, because each of them counts the same.
 */

/** A ping: microseconds until its answer, or null where none came. */
export interface Ping {
  took_us: number | null;
}

export interface Chart {
  /** Lines, each as the points of an SVG polyline. A point between two gaps is a line of one. */
  lines: string[];
  /** Where answers are missing, in units of `width`. */
  missing: number[];
  /** Round trips in microseconds; all null where none came back. */
  min: number | null;
  max: number | null;
  median: number | null;
  last: number | null;
  answered: number;
  unanswered: number;
  /** The newest ping has no answer yet; it is not counted among those without. */
  waits: boolean;
}

/** A chart of `pings`, the oldest first, of this size. */
export function chartOf(pings: readonly Ping[], width: number, height: number): Chart {
  const times = pings.map(({ took_us }) => took_us).filter((took) => took !== null);
  const sorted = times.toSorted((one, other) => one - other);
  const max = sorted.at(-1) ?? null;
  const waits = pings.length > 0 && pings.at(-1)?.took_us === null;
  const step = pings.length > 1 ? width / (pings.length - 1) : 0;
  const lines: string[][] = [];
  const missing: number[] = [];
  let isOpen = false;
  for (const [index, { took_us }] of pings.entries()) {
    const x = round(pings.length > 1 ? index * step : width / 2);
    if (took_us === null) {
      isOpen = false;
      if (!waits || index < pings.length - 1) missing.push(x);
      continue;
    }
    // From nought on: half of the height is half of the time.
    const y = round(max ? height - (took_us / max) * height : height);
    if (!isOpen) lines.push([]);
    lines.at(-1)?.push(`${x},${y}`);
    isOpen = true;
  }
  return {
    lines: lines.map((points) => points.join(' ')),
    missing,
    min: sorted[0] ?? null,
    max,
    median: sorted[Math.floor((sorted.length - 1) / 2)] ?? null,
    last: times.at(-1) ?? null,
    answered: times.length,
    unanswered: missing.length,
    waits,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
