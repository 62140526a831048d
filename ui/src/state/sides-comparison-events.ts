/** Comparisons that the window has open: how far each is goes to who follows it. */
import { call } from '$src/backend';
import type { Event, SidesId, SidesKind, SidesPage, SidesState } from '$src/bindings/engine';

import { Following } from './following';

const open = new Following<SidesId, SidesState>();
/** What is to be done by each after a gap in the events. */
const missed = new Set<() => void>();

/** Passes the states of a comparison; `gap` hears when some may have been missed. The answer ends it. */
export function followSides(
  sides: SidesId,
  take: (state: SidesState) => void,
  gap: () => void,
): () => void {
  const end = open.follow(sides, take);
  missed.add(gap);
  return () => {
    end();
    missed.delete(gap);
  };
}

/** Passes an event to the comparison it is about. */
export function sidesChanged({ sides, state }: Extract<Event, { event: 'sides' }>): void {
  open.changed(sides, state);
}

/** Has all open comparisons ask how far they are: after a gap in the events. */
export function reloadSides(): void {
  for (const gap of [...missed]) gap();
}

/** The engine closes forgotten ones by itself, so that it matters to nobody whether this fails. */
export function closeSides(sides: SidesId): void {
  void call('sides_close', { sides }).catch(() => undefined);
}

/** The newest rows of some kinds. */
export function newestOf(sides: SidesId, kinds: SidesKind[], count: number): Promise<SidesPage> {
  return call('sides_page', { sides, kinds, from: { kind: 'end' }, count });
}
