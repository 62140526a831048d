/** Whether the middle of a session shows its messages or its packets: one choice for the window, kept with its sizes. */
import type { PacketDetail, PacketFilter, ProfileId, Row } from '$src/bindings/engine';

import { app } from './app.svelte';
import { messageOf, packetOf } from './carriers';
import { historyOf } from './histories';
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

/** Shows the packets of a profile that meet conditions, whatever was filtered before. */
export function showPackets(profile: ProfileId, part: Partial<PacketFilter>): void {
  const timeline = timelineOf(profile);
  timeline.widen();
  timeline.narrow(part);
  showMiddle('packets');
}

/** Shows the packets of a message's topic, with the one that carried it chosen; without it, the pane says so. */
export async function showPacketOf(profile: ProfileId, message: Row): Promise<void> {
  showPackets(profile, { topic: message.topic });
  const timeline = timelineOf(profile);
  const { filter } = timeline;
  const number = await packetOf(profile, message);
  // The person looks at something else by now.
  if (timeline.filter !== filter) return;
  timeline.unfound = number === null;
  if (number !== null) await timeline.reveal(number);
}

/** Shows and chooses the message that a packet carried; answers whether it is there. */
export async function showMessageOf(profile: ProfileId, packet: PacketDetail): Promise<boolean> {
  const message = await messageOf(profile, packet);
  if (message === null) return false;
  showMiddle('messages');
  return historyOf(profile).goTo(message);
}
