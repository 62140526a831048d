/**
 * Comparisons of two sessions in memory: the rows that a test puts there, in the order of their times. All that are open show the
 * same rows; what they were asked is kept.
 */
import type {
  Commands,
  Event,
  SidesContent,
  SidesFrom,
  SidesId,
  SidesKind,
  SidesMessage,
  SidesPage,
  SidesRow,
  SidesState,
} from '$src/bindings/engine';

import { userError } from './errors';

type Asked = Commands['sides_open']['args'];

/** A message of one side with everything that a test does not care about. */
export function sidesMessage(
  id: number,
  { time_us = id * 1_000, ...part }: Partial<SidesContent & { time_us: number }> = {},
): SidesMessage {
  const preview = part.preview ?? `{"seq":${id}}`;
  const content = { qos: 0, retain: false, size: preview.length, preview, ...part } as const;
  return { id, time_us, content };
}

/** A message that its history has let go of. */
export function goneMessage(id: number): SidesMessage {
  return { ...sidesMessage(id), content: null };
}

/** A row with everything that a test does not care about: `left` and `right` are messages of its number where they are not named. */
export function sidesRow(number: number, kind: SidesKind, part: Partial<SidesRow> = {}): SidesRow {
  const row = {
    ...{ index: 0, number, time_us: number * 1_000, kind, topic: `t/${number}` },
    difference: kind === 'different' ? ('payload' as const) : null,
    left: kind === 'missing_left' ? null : sidesMessage(number),
    right: kind === 'missing_right' || kind === 'waiting' ? null : sidesMessage(number),
  };
  return { ...row, ...part };
}

export class MemorySides {
  /** The comparisons that are open, with what was asked. */
  readonly open = new Map<SidesId, Asked>();
  rows: SidesRow[] = [];
  /** What the state says besides the counts of the rows. */
  progress: Partial<SidesState> = {};
  /** What `sides_open` is refused with, where it is. */
  refusal: ReturnType<typeof userError> | null = null;
  readonly #tell: (events: Event[]) => void;
  #last = 0;

  constructor(tell: (events: Event[]) => void) {
    this.#tell = tell;
  }

  /** Tells that the open comparisons went on. */
  changed(): void {
    this.#tell(
      [...this.open.keys()].map((sides) => ({ event: 'sides', sides, state: this.state() })),
    );
  }

  state(): SidesState {
    const count = (kind: SidesKind) => this.rows.filter((row) => row.kind === kind).length;
    const messages = this.rows.map(({ left, right }) => (left ? 1 : 0) + (right ? 1 : 0));
    const search = { found: 0, scanned: 0, remaining: 0, complete: true, halted: false };
    return {
      compared: messages.reduce<number>((sum, each) => sum + each, 0),
      behind: 0,
      counts: {
        same: count('same'),
        late: count('late'),
        different: count('different'),
        missing_left: count('missing_left'),
        missing_right: count('missing_right'),
        waiting: count('waiting'),
      },
      let_go: 0,
      properties: true,
      left: { ...search, fault: null },
      right: { ...search, fault: null },
      fault: null,
      ...this.progress,
    };
  }

  page(kinds: SidesKind[], from: SidesFrom, count: number): SidesPage {
    const rows = this.rows
      .filter(({ kind }) => kinds.includes(kind))
      .sort((one, other) => one.time_us - other.time_us || one.number - other.number)
      .map((row, index) => ({ ...row, index }));
    const total = rows.length;
    const anchor = anchorOf(rows, from);
    const before = from.kind === 'row' ? from.before : 0;
    const first = Math.max(0, from.kind === 'end' ? total - count : (anchor ?? total) - before);
    return { first, total, anchor, rows: rows.slice(first, first + count) };
  }

  readonly handlers = {
    sides_open: (asked: Asked) => {
      if (this.refusal) throw this.refusal;
      this.#last += 1;
      this.open.set(this.#last, asked);
      return { sides: this.#last, state: this.state() };
    },
    sides_state: ({ sides }: { sides: SidesId }) => {
      this.#get(sides);
      return this.state();
    },
    sides_page: ({ sides, kinds, from, count }: Commands['sides_page']['args']) => {
      this.#get(sides);
      return this.page(kinds, from, count);
    },
    sides_close: ({ sides }: { sides: SidesId }) => {
      this.open.delete(sides);
      return null;
    },
  };

  #get(sides: SidesId): void {
    if (!this.open.has(sides)) throw userError('sides.gone');
  }
}

/** The place that a page is asked from. */
function anchorOf(rows: SidesRow[], from: SidesFrom): number | null {
  if (from.kind === 'end') return null;
  if (from.kind === 'place') return from.place;
  const found = rows.findIndex(
    ({ time_us, number }) =>
      time_us > from.time_us || (time_us === from.time_us && number >= from.number),
  );
  return found < 0 ? rows.length : found;
}
