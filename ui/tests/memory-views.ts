/**
 * Views for the engine in memory: what a filter lets through of its rows. Payloads are looked at as previews, and paths
 * into JSON are plain ones (`$.a.b`), which is enough to look at the window and to test it.
 */
import type {
  Commands,
  Event,
  Page,
  PageFrom,
  PayloadTest,
  Row,
  ViewFilter,
  ViewId,
  ViewState,
} from '$src/bindings/engine';

import { userError } from './errors';

interface Open {
  filter: ViewFilter;
  state: Partial<ViewState>;
}

/** What the views must know of the rest of the engine. */
export interface Owner {
  readonly rows: Row[];
  tell(events: Event[]): void;
}

export class MemoryViews {
  readonly open = new Map<ViewId, Open>();
  /** How far the search of views is that are opened from now on. */
  progress: Partial<ViewState> = {};
  /** What `view_open` is refused with, where it is. */
  refusal: ReturnType<typeof userError> | null = null;
  readonly #owner: Owner;
  #last = 0;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /** The rows of a view, or all. */
  rows(view: ViewId | null): Row[] {
    const { rows } = this.#owner;
    if (view === null) return rows;
    const { filter } = this.#get(view);
    return rows.filter((row) => lets(filter, row)).map((row, index) => ({ ...row, index }));
  }

  /** Moves a view's search on, and tells it. */
  move(view: ViewId, part: Partial<ViewState>): void {
    this.#get(view).state = { ...this.#get(view).state, ...part };
    this.#owner.tell([{ event: 'view', view, state: this.state(view) }]);
  }

  state(view: ViewId): ViewState {
    const counts = { found: this.rows(view).length, scanned: this.#owner.rows.length };
    const rest = { remaining: 0, complete: true, halted: false, fault: null };
    return { ...counts, ...rest, ...this.#get(view).state };
  }

  page({ from, count, view }: Commands['history_page']['args']): Page {
    const rows = this.rows(view);
    const total = rows.length;
    const anchor = anchorOf(rows, from);
    const before = 'before' in from ? from.before : 0;
    const first = Math.max(0, from.kind === 'end' ? total - count : (anchor ?? total) - before);
    return { first, total, anchor, rows: rows.slice(first, first + count) };
  }

  readonly handlers = {
    history_page: (args: Commands['history_page']['args']) => this.page(args),
    view_open: ({ filter }: Commands['view_open']['args']) => {
      if (this.refusal) throw this.refusal;
      this.#last += 1;
      this.open.set(this.#last, { filter, state: this.progress });
      return { view: this.#last, state: this.state(this.#last) };
    },
    view_state: ({ view }: { view: ViewId }) => this.state(view),
    view_halt: ({ view }: { view: ViewId }) => {
      this.move(view, { halted: true, complete: false });
      return null;
    },
    view_close: ({ view }: { view: ViewId }) => {
      this.open.delete(view);
      return null;
    },
    topics_complete: ({ typed, limit }: Commands['topics_complete']['args']) => {
      const topics = [...new Set(this.#owner.rows.map(({ topic }) => topic))].sort();
      const begins = topics.filter((topic) => topic.startsWith(typed));
      const holds = topics.filter((topic) => !topic.startsWith(typed) && topic.includes(typed));
      return [...begins, ...holds].slice(0, limit);
    },
  };

  #get(view: ViewId): Open {
    const open = this.open.get(view);
    if (!open) throw userError('view.gone');
    return open;
  }
}

/** The place that a page is asked from. */
function anchorOf(rows: Row[], from: PageFrom): number | null {
  const at = (found: number) => (found < 0 ? rows.length : found);
  switch (from.kind) {
    case 'place':
      return from.place;
    case 'message':
      return at(rows.findIndex((row) => row.id >= from.id));
    case 'time':
      return at(rows.findIndex((row) => row.time_us >= from.time_us));
    case 'end':
      return null;
  }
}

function lets(filter: ViewFilter, row: Row): boolean {
  const { topics, without_topics, direction, qos, retain, dup } = filter;
  const { from_us, until_us, min_size, max_size, payload } = filter;
  return (
    (topics.length === 0 || topics.some((topic) => matches(topic, row.topic))) &&
    !without_topics.some((topic) => matches(topic, row.topic)) &&
    (direction ?? row.direction) === row.direction &&
    (qos.length === 0 || qos.includes(row.qos)) &&
    (retain ?? row.retain) === row.retain &&
    (dup ?? row.dup) === row.dup &&
    (from_us ?? row.time_us) <= row.time_us &&
    (until_us === null || row.time_us < until_us) &&
    (min_size ?? row.size) <= row.size &&
    (max_size ?? row.size) >= row.size &&
    payload.every((test) => holds(test, row.preview))
  );
}

function matches(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  const hash = wanted.at(-1) === '#';
  const fixed = hash ? wanted.slice(0, -1) : wanted;
  if (hash ? levels.length < fixed.length : levels.length !== fixed.length) return false;
  return fixed.every((level, at) => level === '+' || level === levels[at]);
}

function holds(test: PayloadTest, text: string): boolean {
  if (test.kind === 'text') {
    if (test.case_sensitive) return text.includes(test.text);
    return text.toLowerCase().includes(test.text.toLowerCase());
  }
  if (test.kind === 'regex') {
    return new RegExp(test.pattern, test.case_sensitive ? 'u' : 'iu').test(text);
  }
  const value = valueAt(text, test.path);
  const other = literal(test.value);
  const numbers = typeof value === 'number' && typeof other === 'number';
  switch (test.comparison) {
    case 'exists':
      return value !== undefined;
    case 'equal':
      return value === other;
    case 'not_equal':
      return value !== undefined && value !== other;
    case 'contains':
      return typeof value === 'string' && value.includes(String(other));
    case 'less':
      return numbers && value < other;
    case 'at_most':
      return numbers && value <= other;
    case 'greater':
      return numbers && value > other;
    case 'at_least':
      return numbers && value >= other;
  }
}

function valueAt(text: string, path: string): unknown {
  const root = literal(text);
  return path
    .split('.')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | null)?.[name], root);
}

/** A JSON value, or text where it is none. */
function literal(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
