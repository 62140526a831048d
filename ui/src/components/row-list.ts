/** What a list of recycled rows is given, and what it tells of what a person does. */
import { pageRows, type Extent, type Visible } from '$src/lib/windowing';

/** Where a list is, as it is kept by whoever asks for its rows. */
export interface ListPosition {
  readonly total: number;
  readonly top: number;
  readonly extent: Extent;
  readonly visible: Visible;
}

/** What the list shows and tells of what a person does. */
export interface ListModel<Row> {
  readonly position: ListPosition;
  /** The rows on screen; one that has not come yet is undefined. */
  readonly rows: readonly (Row | undefined)[];
  resize(viewport: number): void;
  moveTo(top: number): void;
  pick(row: Row): void;
  step(rows: number): void;
  choose(place: number): void;
  resume(): void;
}

/** What a key does in every list of rows; undefined where it means nothing there. */
export function moveOf<Row>(
  key: string,
  list: ListModel<Row>,
  onopen: () => void,
): (() => void) | undefined {
  const page = pageRows(list.position.extent);
  const moves: Record<string, () => void> = {
    ArrowDown: () => list.step(1),
    ArrowUp: () => list.step(-1),
    PageDown: () => list.step(page),
    PageUp: () => list.step(-page),
    Home: () => list.choose(0),
    End: () => {
      list.resume();
      list.choose(list.position.total - 1);
    },
    Enter: onopen,
  };
  return moves[key];
}

export interface ListColumn {
  name: string;
  label: () => string;
  /** What the column means, for a tooltip; also where the label is short. */
  title: () => string;
  /** A CSS length; the last column takes what is left. */
  width: string;
  align: 'start' | 'middle' | 'end';
}

/** The width of a column of so many characters with its padding, so that it does not move when rows come. */
export function characters(count: number): string {
  return `calc(${count}ch + var(--s2))`;
}

/** The width of a column of numbers up to `last`, with their separators; there is always room up to 999,999. */
export function numberWidth(last: number): string {
  const digits = String(last).length;
  return characters(Math.max(7, digits + Math.floor((digits - 1) / 3)));
}

export interface RowPlace {
  id: string;
  slot: number;
  /** The row's place in the whole list. */
  index: number;
  selected: boolean;
}
