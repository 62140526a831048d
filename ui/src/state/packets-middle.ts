/** Whether the middle of a session shows its messages or its packets: one choice for the window, kept with its sizes. */
import type { PacketFilter, ProfileId } from '$src/bindings/engine';

import { app } from './app.svelte';
import { timelineOf } from './packets-of';

export type Middle = 'messages' | 'packets';

const NAME = 'middle';

export function middle(): Middle {
  return app.settings.size(NAME, 0) === 1 ? 'packets' : 'messages';
}

export function showMiddle(what: Middle): void {
  const size = what === 'packets' ? 1 : 0;
  // At once, and not when the engine has saved it.
  app.settings.move(NAME, size);
  void app.attempt(() => app.settings.rest(NAME, size));
}

/** Shows the packets of a profile that meet conditions, and all of them: an exchange is not folded then. */
export function showPackets(profile: ProfileId, part: Partial<PacketFilter>): void {
  const timeline = timelineOf(profile);
  timeline.widen();
  timeline.narrow(part);
  showMiddle('packets');
}
