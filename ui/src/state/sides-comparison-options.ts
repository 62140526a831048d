/** How two sessions are compared, as a person chooses it, and what that is for the engine. */
import type { SidesKind, SidesOptions, ViewFilter } from '$src/bindings/engine';

import { NO_CONDITIONS } from './viewing.svelte';

/** From when on messages are compared. */
export type Since = 'now' | 'quarter' | 'hour' | 'all';

export interface Patience {
  since: Since;
  late_ms: number;
  wait_ms: number;
}

/** A view of what just happened: it is opened after the fact, so that "from now on" would show nothing. */
export const USUAL: Patience = { since: 'hour', late_ms: 1_000, wait_ms: 5_000 };

/** What both brokers handed on, and not what was sent to them. */
export const RECEIVED: ViewFilter = { ...NO_CONDITIONS, direction: 'received' };

export const SINCES: readonly Since[] = ['now', 'quarter', 'hour', 'all'];
export const LATE: readonly number[] = [100, 1_000, 5_000, 60_000];
export const WAIT: readonly number[] = [1_000, 5_000, 60_000, 600_000];

/** In the order in which they are told. */
export const KINDS: readonly SidesKind[] = [
  'missing_left',
  'missing_right',
  'different',
  'late',
  'same',
  'waiting',
];

const TURNED: Record<SidesKind, SidesKind> = {
  ...{ different: 'different', late: 'late', same: 'same', waiting: 'waiting' },
  missing_left: 'missing_right',
  missing_right: 'missing_left',
};

/** What a person looks for who has lost a message. */
export const PROBLEMS: readonly SidesKind[] = [
  'missing_left',
  'missing_right',
  'different',
  'late',
];

const BACK: Record<'quarter' | 'hour', number> = { quarter: 15 * 60_000_000, hour: 3_600_000_000 };

/** With a part changed; what is late is never later than what is missing, so the other one follows. */
export function patienceWith(patience: Patience, part: Partial<Patience>): Patience {
  const next = { ...patience, ...part };
  if (next.late_ms <= next.wait_ms) return next;
  if (part.late_ms === undefined) {
    return { ...next, late_ms: LATE.findLast((each) => each <= next.wait_ms) ?? next.wait_ms };
  }
  return { ...next, wait_ms: WAIT.find((each) => each >= next.late_ms) ?? next.late_ms };
}

/** What is asked of the engine at `now_us`, in microseconds since the Unix epoch. */
export function sidesOptions(
  filter: ViewFilter | null,
  { since, late_ms, wait_ms }: Patience,
  now_us: number,
): SidesOptions {
  const since_us =
    since === 'all' ? null : since === 'now' ? now_us : Math.max(0, now_us - BACK[since]);
  return { filter: filter ?? NO_CONDITIONS, since_us, late_ms, wait_ms };
}

/** Whether these are the same kinds, in any order. */
export function sameKinds(one: readonly SidesKind[], other: readonly SidesKind[]): boolean {
  return one.length === other.length && one.every((kind) => other.includes(kind));
}

/** The kinds as they are called with the sides changed. */
export function turnedKinds(kinds: readonly SidesKind[]): SidesKind[] {
  return KINDS.filter((kind) => kinds.includes(TURNED[kind]));
}
