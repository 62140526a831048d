/** A message to try a rule on: the last one that its filter lets through, found by the engine, which alone matches topics. */
import { call } from '$src/backend';
import type { MessageId, ProfileId, ViewState } from '$src/bindings/engine';

import { NO_CONDITIONS, Viewing } from './viewing.svelte';

/** The last message received on `filter`; null where there is none. */
export async function lastOn(profile: ProfileId, filter: string): Promise<MessageId | null> {
  // The group of a shared subscription is no part of the topics that come through it.
  const plain = filter.replace(/^\$share\/[^/]*\//, '');
  const conditions = { ...NO_CONDITIONS, topics: [plain], direction: 'received' as const };
  let told: () => void = () => undefined;
  const viewing = await Viewing.open(profile, conditions, () => told());
  try {
    await new Promise<void>((resolve) => {
      told = () => isKnown(viewing.state) && resolve();
      told();
    });
    if (viewing.state?.found === 0) return null;
    const { view } = viewing;
    const page = await call('history_page', { profile, view, from: { kind: 'end' }, count: 1 });
    return page.rows.at(-1)?.id ?? null;
  } finally {
    viewing.close();
  }
}

/** Searches begin with the newest, so that the first find is the last message. */
function isKnown(state: ViewState | null): boolean {
  return state === null || state.found > 0 || state.complete || state.halted;
}
