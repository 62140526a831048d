/**
 * Searches, bookmarks, comparisons and publishing again for the engine in memory. A search is over at once; comparing looks
 * at top-level members of JSON and at whole lines, which is enough to look at the window.
 */
import type {
  Bookmark,
  Commands,
  Compared,
  FindId,
  JsonChange,
  MessageId,
  ProfileId,
  Row,
  TextRow,
  ViewId,
} from '$src/bindings/engine';

import { userError } from './errors';

interface Open {
  view: ViewId | null;
  matches: (row: Row) => boolean;
}

export class MemoryFind {
  readonly #rows: (view: ViewId | null) => Row[];
  /** Tells that a history has changed. */
  readonly #changed: (profile: ProfileId) => void;
  readonly open = new Map<FindId, Open>();
  bookmarks: Bookmark[] = [];
  #last = 0;

  constructor(rows: (view: ViewId | null) => Row[], changed: (profile: ProfileId) => void) {
    this.#rows = rows;
    this.#changed = changed;
  }

  begin({ view, request }: Commands['find_open']['args']): FindId {
    const { test } = request;
    const flags = 'case_sensitive' in test && test.case_sensitive ? 'u' : 'iu';
    const plain = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    let pattern: RegExp;
    try {
      pattern = new RegExp(
        test.kind === 'regex' ? test.pattern : plain('text' in test ? test.text : ''),
        flags,
      );
    } catch {
      throw userError('filter.invalid', 'The regular expression is not complete.');
    }
    this.#last += 1;
    const matches = (row: Row) =>
      pattern.test(row.preview) || (request.topics && pattern.test(row.topic));
    this.open.set(this.#last, { view, matches });
    return this.#last;
  }

  step({ find, from, towards }: Commands['find_step']['args']): Commands['find_step']['result'] {
    const { rows, found } = this.#found(find);
    const at =
      towards === 'older'
        ? found.findLast((row) => from === null || row.id < from)
        : found.find((row) => from === null || row.id > from);
    if (!at) return { at: null, number: null };
    return { at: { id: at.id, place: rows.indexOf(at) }, number: found.indexOf(at) };
  }

  marks({ find, parts }: Commands['find_marks']['args']): Commands['find_marks']['result'] {
    const { rows, found } = this.#found(find);
    const counts = Array<number>(parts).fill(0);
    for (const row of found) {
      const part = Math.floor((rows.indexOf(row) / Math.max(1, rows.length)) * parts);
      counts[part] = (counts[part] ?? 0) + 1;
    }
    return { counts, found: found.length, total: rows.length, complete: true };
  }

  mark({ profile, id, note }: Commands['bookmark_set']['args']): null {
    if ([...note].length > 10_000) throw userError('history.failed', '', { limit: '10000' });
    const made_us = this.bookmarks.find((each) => each.id === id)?.made_us ?? Date.now() * 1_000;
    this.#keep(profile, [
      ...this.bookmarks.filter((each) => each.id !== id),
      { id, note, made_us },
    ]);
    return null;
  }

  unmark({ profile, id }: Commands['bookmark_remove']['args']): null {
    this.#keep(
      profile,
      this.bookmarks.filter((each) => each.id !== id),
    );
    return null;
  }

  compare({ before, after, way }: Commands['messages_compare']['args']): Compared {
    const text = (id: MessageId) => this.#rows(null).find((row) => row.id === id)?.preview ?? '';
    const [first, second] = [text(before.id), text(after.id)];
    if (first === second) return { way: 'equal' };
    if (way === 'hex') return hex(first, second);
    if (way === 'text') return lines(first, second);
    try {
      return members(JSON.parse(first) as object, JSON.parse(second) as object);
    } catch {
      if (way === 'best') return lines(first, second);
      const fault = { code: 'value_expected' as const, byte: 0, line: 1, column: 1 };
      return { way: 'not', reason: { kind: 'not_json', side: 'before', fault } };
    }
  }

  previous(id: MessageId): MessageId | null {
    const rows = this.#rows(null);
    const topic = rows.find((row) => row.id === id)?.topic;
    return rows.findLast((row) => row.id < id && row.topic === topic)?.id ?? null;
  }

  readonly handlers = {
    find_open: (args: Commands['find_open']['args']) => this.begin(args),
    find_step: (args: Commands['find_step']['args']) => this.step(args),
    find_marks: (args: Commands['find_marks']['args']) => this.marks(args),
    find_close: ({ find }: Commands['find_close']['args']) => {
      this.open.delete(find);
      return null;
    },
    bookmarks_list: () => this.bookmarks,
    bookmark_set: (args: Commands['bookmark_set']['args']) => this.mark(args),
    bookmark_remove: (args: Commands['bookmark_remove']['args']) => this.unmark(args),
    messages_compare: (args: Commands['messages_compare']['args']) => this.compare(args),
    message_previous: ({ id }: Commands['message_previous']['args']) => this.previous(id),
    message_publish_again: () => (this.#rows(null).at(-1)?.id ?? 0) + 1,
  };

  #keep(profile: ProfileId, bookmarks: Bookmark[]): void {
    this.bookmarks = bookmarks.sort((one, other) => one.id - other.id);
    for (const row of this.#rows(null)) {
      row.bookmark = bookmarks.find((each) => each.id === row.id)?.note ?? null;
    }
    this.#changed(profile);
  }

  #found(find: FindId): { rows: Row[]; found: Row[] } {
    const open = this.open.get(find);
    if (!open) throw userError('view.gone');
    const rows = this.#rows(open.view);
    return { rows, found: rows.filter(open.matches) };
  }
}

function members(before: object, after: object): Compared {
  const old = new Map(Object.entries(before));
  const piece = (value: unknown) => {
    if (value === undefined) return null;
    const text = JSON.stringify(value);
    return { text, whole: true, offset: 0, length: text.length };
  };
  const changes: JsonChange[] = [];
  for (const [name, value] of Object.entries(after) as [string, unknown][]) {
    const was: unknown = old.get(name);
    old.delete(name);
    if (JSON.stringify(was) === JSON.stringify(value)) continue;
    const kind = was === undefined ? 'added' : 'changed';
    changes.push({ path: `$.${name}`, kind, before: piece(was), after: piece(value) });
  }
  for (const [name, value] of old as Map<string, unknown>) {
    changes.push({ path: `$.${name}`, kind: 'removed', before: piece(value), after: null });
  }
  return { way: 'json', difference: { changes, more: 0 } };
}

function lines(before: string, after: string): Compared {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const rows: TextRow[] = [];
  const row = (kind: TextRow['kind'], text: string, at: number): TextRow => ({
    ...{ kind, text, lines: 1, marked: null },
    before: kind === 'added' ? null : at + 1,
    after: kind === 'removed' ? null : at + 1,
  });
  for (let at = 0; at < Math.max(old.length, now.length); at += 1) {
    const [was, is] = [old[at], now[at]];
    if (was === is) rows.push(row('same', was ?? '', at));
    else {
      const marked = span(was ?? '', is ?? '');
      if (was !== undefined) rows.push({ ...row('removed', was, at), marked: marked.before });
      if (is !== undefined) rows.push({ ...row('added', is, at), marked: marked.after });
    }
  }
  return { way: 'text', difference: { rows, more: 0, coarse: false } };
}

function span(before: string, after: string) {
  let from = 0;
  while (from < before.length && before[from] === after[from]) from += 1;
  let end = 0;
  const most = Math.min(before.length, after.length) - from;
  while (end < most && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  return {
    before: [from, before.length - end] as [number, number],
    after: [from, after.length - end] as [number, number],
  };
}

function hex(before: string, after: string): Compared {
  const { before: old, after: now } = span(before, after);
  const run = { before: old[0], before_length: old[1] - old[0] };
  const runs = [{ ...run, after: now[0], after_length: now[1] - now[0] }];
  return { way: 'hex', difference: { runs, more: 0, bytes: runs[0]?.after_length ?? 0 } };
}

/** Bytes as the engine shows them in hex, from the row of `offset` on. */
export function dumpOf(text: string, offset: number): { text: string; offset: number } {
  const bytes = new TextEncoder().encode(text);
  const begin = offset - (offset % 16);
  const rows: string[] = [];
  for (let at = begin; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)];
    const half = (from: number) =>
      Array.from({ length: 8 }, (_, column) => {
        const byte = row[from + column];
        return byte === undefined ? '   ' : `${byte.toString(16).padStart(2, '0')} `;
      }).join('');
    const shown = row.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.'));
    rows.push(`${at.toString(16).padStart(8, '0')}  ${half(0)} ${half(8)}|${shown.join('')}|\n`);
  }
  return { text: rows.join(''), offset: begin };
}
