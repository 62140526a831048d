/** The rows of a comparison, as lists know theirs. */
import type { PageFrom, SidesFrom, SidesRow, SidesState } from '$src/bindings/engine';

/** How far a comparison is that has not begun. */
export const NOTHING: SidesState = {
  ...{ compared: 0, behind: 0, let_go: 0, properties: true, left: null, right: null, fault: null },
  counts: { same: 0, late: 0, different: 0, missing_left: 0, missing_right: 0, waiting: 0 },
};

/** A row under the name by which lists know theirs. */
export interface SidesLine extends SidesRow {
  /** The row's number. */
  id: number;
}

export function lineOf(row: SidesRow): SidesLine {
  return { ...row, id: row.number };
}

/** The same place, as comparisons name it: their rows are in the order of time, and so a number alone names no place. */
export function fromOf(from: PageFrom, timeOf: (id: number) => number | null): SidesFrom {
  switch (from.kind) {
    case 'message': {
      const time_us = timeOf(from.id);
      if (time_us === null) return { kind: 'end' };
      return { kind: 'row', time_us, number: from.id, before: from.before };
    }
    case 'time':
      return { kind: 'row', time_us: from.time_us, number: 0, before: from.before };
    default:
      return from;
  }
}
