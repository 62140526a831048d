/**
 * Runs of bytes that differ, gathered into pieces that are shown at once: runs that lie near each other, with a row of
 * equal bytes around them. A piece is cut where it is long, because what differs as a whole need not be read as a whole.
 */

/** Bytes of the first string in whose place the second has others. */
export interface Run {
  before: number;
  before_length: number;
  after: number;
  after_length: number;
}

export interface Span {
  from: number;
  length: number;
}

export interface Cluster {
  runs: Run[];
  before: Span;
  after: Span;
  /** Bytes of the longer side that are not shown. */
  cut: number;
}

/** A byte of one side in its row: null where the row has none. */
export interface Cell {
  byte: number;
  differs: boolean;
}

export interface HexRow {
  offset: number;
  cells: (Cell | null)[];
}

/** Bytes in a row. */
export const ROW = 8;

/** The most bytes of a side that a cluster shows. */
const MOST = 256;

/** The clusters of `runs`, which rise; `sizes` are those of both strings. */
export function clustersOf(
  runs: readonly Run[],
  sizes: { before: number; after: number },
): Cluster[] {
  const groups: Run[][] = [];
  let end = Number.NEGATIVE_INFINITY;
  for (const run of runs) {
    if (run.before - end < 2 * ROW) groups.at(-1)?.push(run);
    else groups.push([run]);
    end = run.before + run.before_length;
  }
  return groups.map((group) => clusterOf(group, sizes));
}

function clusterOf(runs: Run[], sizes: { before: number; after: number }): Cluster {
  const [first, last] = [runs[0], runs.at(-1)];
  const span = (side: 'before' | 'after'): Span => {
    const start = first?.[side] ?? 0;
    const end = last ? last[side] + last[`${side}_length`] : 0;
    const from = Math.max(0, Math.floor(start / ROW) * ROW - ROW);
    const until = Math.min(sizes[side], Math.ceil(end / ROW) * ROW + ROW);
    return { from, length: Math.max(0, until - from) };
  };
  const [before, after] = [span('before'), span('after')];
  const cut = Math.max(0, Math.max(before.length, after.length) - MOST);
  before.length = Math.min(before.length, MOST);
  after.length = Math.min(after.length, MOST);
  return { runs, before, after, cut };
}

/** The rows of one side of a cluster. */
export function rowsOf(cluster: Cluster, side: 'before' | 'after', bytes: Uint8Array): HexRow[] {
  const { from } = cluster[side];
  const differs = (at: number) =>
    cluster.runs.some((run) => at >= run[side] && at < run[side] + run[`${side}_length`]);
  const rows: HexRow[] = [];
  for (let start = 0; start < bytes.length; start += ROW) {
    const cells = Array.from({ length: ROW }, (_, at) => {
      const byte = bytes[start + at];
      return byte === undefined ? null : { byte, differs: differs(from + start + at) };
    });
    rows.push({ offset: from + start, cells });
  }
  return rows;
}

const DUMPED = /^[0-9a-f]{8} {2}(.{23}) {2}(.{23}) \|/;

/** The bytes of the engine's hex rows, as `hexdump -C` writes them. */
export function bytesOfDump(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const line of text.split('\n')) {
    const match = DUMPED.exec(line);
    if (!match) continue;
    for (const pair of `${match[1]} ${match[2]}`.matchAll(/[0-9a-f]{2}/g)) {
      bytes.push(Number.parseInt(pair[0], 16));
    }
  }
  return Uint8Array.from(bytes);
}

/** What a byte is as a character: itself where it is printable ASCII, else a point. */
export function shown(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
}
