/**
 * Where a drag would drop: a function of the rows, the pointer's place among them, and what is moved.
 *
 * The middle of a folder means into it, its edges mean beside it. Behind the last row of a folder the pointer's distance
 * from the left edge tells how far out is meant, so that a place behind an open folder can be reached.
 */
import type { FolderId, Node } from '$src/bindings/engine';

import {
  ahead,
  behind,
  idOf,
  isWithin,
  keyOf,
  topmost,
  type Key,
  type Spot,
  type TreeRow,
} from './tree';

/** A drop that would be done, and how it is shown. */
export interface Drop {
  spot: Spot;
  /** `into`: the row at `row` lights up; `line`: a line above the row `row`, indented as `level`. */
  mark: { kind: 'into'; row: number } | { kind: 'line'; row: number; level: number };
}

export interface Pointer {
  /** In rows from the first row's upper edge: 2.5 is the middle of the third row. */
  y: number;
  /** In levels from the list's left edge, at least 0: 1.5 is within the indentation of level 2. */
  x: number;
}

/** How much of a folder's row, at each edge, means beside it. */
const EDGE = 0.25;

/** What a drop at the pointer would do; none where it cannot be done or would change nothing. */
export function dropAt(
  tree: Node[],
  rows: TreeRow[],
  chosen: ReadonlySet<Key>,
  { x, y }: Pointer,
): Drop | null {
  const moved = topmost(tree, chosen);
  const keys = new Set(moved.map(keyOf));
  const allowed = (drop: Drop) => (isWithin(moved, drop.spot.folder) ? null : drop);
  const at = Math.max(0, Math.floor(y));
  const row = rows[at];
  if (!row) {
    const spot = { folder: null, before: null };
    return allowed({ spot, mark: { kind: 'line', row: rows.length, level: 1 } });
  }
  const within = Math.max(0, y) - at;
  const { node } = row;
  if (node.kind === 'folder' && within >= EDGE && within <= 1 - EDGE) {
    return allowed({
      spot: { folder: node.id, before: null },
      mark: { kind: 'into', row: at },
    });
  }
  if (within < 0.5) {
    return allowed({
      spot: ahead(tree, row.key, keys),
      mark: { kind: 'line', row: at, level: row.level },
    });
  }
  if (node.kind === 'folder' && row.open && node.children.length > 0) {
    const first = node.children.find((child) => !keys.has(keyOf(child)));
    return allowed({
      spot: { folder: node.id, before: first ? idOf(first) : null },
      mark: { kind: 'line', row: at + 1, level: row.level + 1 },
    });
  }
  const last = outward(rows, row, x);
  return allowed({
    spot: behind(tree, last.key, keys),
    mark: { kind: 'line', row: at + 1, level: last.level },
  });
}

/** The row itself, or the folder around it as far out as the pointer is, as long as nothing follows in it. */
function outward(rows: TreeRow[], row: TreeRow, x: number): TreeRow {
  let found = row;
  while (found.level > 1 && found.level > Math.floor(x) + 1 && found.place === found.siblings) {
    const parent: FolderId | null = found.parent;
    const around = rows.find((each) => parent !== null && each.key === `f:${parent}`);
    if (!around) break;
    found = around;
  }
  return found;
}
