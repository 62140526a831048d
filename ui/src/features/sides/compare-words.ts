/** What a comparison says: kinds, times and how far it is. */
import type { Profile, SidesCounts, SidesKind, SidesRow, SidesState } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { elapsed } from '$src/lib/elapsed';
import type { Formats } from '$src/lib/format';
import { oneLine } from '$src/lib/visible';
import { PROBLEMS, type Since } from '$src/state/sides-comparison-options';

export interface Both {
  left: Profile;
  right: Profile;
}

export type Tone = 'bad' | 'warn' | 'ok' | 'quiet';

export interface KindWords {
  /** One sign of a monospace font: colour is not all that tells kinds apart. */
  sign: string;
  /** For a row, where its cells tell the side. */
  word: () => string;
  tone: Tone;
}

export const KIND_WORDS: Record<SidesKind, KindWords> = {
  missing_left: { sign: '∅', word: m.comparison_word_missing, tone: 'bad' },
  missing_right: { sign: '∅', word: m.comparison_word_missing, tone: 'bad' },
  different: { sign: '≠', word: m.comparison_word_different, tone: 'bad' },
  late: { sign: '»', word: m.comparison_word_late, tone: 'warn' },
  same: { sign: '=', word: m.comparison_word_same, tone: 'ok' },
  waiting: { sign: '…', word: m.comparison_word_waiting, tone: 'quiet' },
};

/** A kind with the side that it is about. */
export function kindText(kind: SidesKind, both: Both): string {
  switch (kind) {
    case 'missing_left':
      return m.comparison_missing_on({ name: nameOf(both.left) });
    case 'missing_right':
      return m.comparison_missing_on({ name: nameOf(both.right) });
    case 'different':
      return m.comparison_different();
    case 'late':
      return m.comparison_late();
    case 'same':
      return m.comparison_same();
    case 'waiting':
      return m.comparison_waiting();
  }
}

export function nameOf({ name }: Profile): string {
  return oneLine(name);
}

export function sinceText(since: Since): string {
  switch (since) {
    case 'now':
      return m.comparison_since_now();
    case 'quarter':
      return m.comparison_since_quarter();
    case 'hour':
      return m.comparison_since_hour();
    case 'all':
      return m.comparison_since_all();
  }
}

/** `100 ms`, `5 s`, `10 min`: the same units in every language. */
export function spanText(ms: number, format: Formats): string {
  return ms < 60_000 ? format.duration(ms) : `${ms / 60_000} min`;
}

/** How much later it came on the right, in microseconds; null where it came on one side. */
export function laterBy({ left, right }: SidesRow): number | null {
  return left && right ? right.time_us - left.time_us : null;
}

/** `+120 ms`: right after left is plus. */
export function laterText(row: SidesRow, locale: string): string {
  const by = laterBy(row);
  if (by === null) return '';
  return by > 0 ? `+${elapsed(by, locale)}` : elapsed(by, locale);
}

/** What became of a row, in a sentence. */
export function verdictText(
  row: SidesRow,
  both: Both,
  patience: { late: string; wait: string },
  locale: string,
): string {
  const left = nameOf(both.left);
  const right = nameOf(both.right);
  const by = laterBy(row) ?? 0;
  const later = { name: by < 0 ? left : right, time: elapsed(Math.abs(by), locale) };
  switch (row.kind) {
    case 'missing_left':
      return m.comparison_says_missing({ here: right, there: left, wait: patience.wait });
    case 'missing_right':
      return m.comparison_says_missing({ here: left, there: right, wait: patience.wait });
    case 'different':
      return row.difference === 'properties'
        ? m.comparison_says_properties()
        : m.comparison_says_payload();
    case 'late':
      return m.comparison_says_late({ ...later, late: patience.late });
    case 'same':
      return by === 0 ? m.comparison_says_same_moment() : m.comparison_says_same(later);
    case 'waiting':
      return m.comparison_says_waiting(
        row.left ? { here: left, there: right } : { here: right, there: left },
      );
  }
}

export function countOf(counts: SidesCounts, kinds: readonly SidesKind[]): number {
  return kinds.reduce((sum, kind) => sum + counts[kind], 0);
}

export function problemsIn(counts: SidesCounts): number {
  return countOf(counts, PROBLEMS);
}

/** Why properties are not compared; null where they are. */
export function withoutProperties(
  { properties }: SidesState,
  { left, right }: Both,
): string | null {
  if (properties) return null;
  const old = [left, right].filter(({ version }) => version !== '5.0');
  const [first] = old;
  if (!first || old.length === 2) return m.comparison_no_properties();
  return m.comparison_no_properties_of({ name: nameOf(first), version: first.version });
}

/** Messages that came and have not been compared: so many at most are always on their way. */
const ON_THEIR_WAY = 1_000;

/** How much of what is recorded has been looked at, as a part of 1; null where it has kept up. */
export function searchedPart({ left, right, behind, compared }: SidesState): number | null {
  const searches = [left, right].filter((search) => search !== null);
  const isOver = searches.every(({ complete, halted }) => complete || halted);
  if (isOver && behind < ON_THEIR_WAY) return null;
  const scanned = searches.reduce((sum, search) => sum + search.scanned, 0);
  const remaining = searches.reduce((sum, search) => sum + search.remaining, 0);
  const searched = scanned + remaining > 0 ? scanned / (scanned + remaining) : isOver ? 1 : 0;
  const read = compared + behind > 0 ? compared / (compared + behind) : 0;
  // What is not over is not 100 %.
  return Math.min(0.99, (searched + read) / 2);
}
