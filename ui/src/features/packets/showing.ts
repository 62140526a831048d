/** From a message to its packet and back, and the keyboard with it. */
import { tick } from 'svelte';

import type { PacketDetail, ProfileId, Row } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { showMessageOf, showPacketOf } from '$src/state/packets-middle';

/** Shows the packet that carried a message, in the timeline. */
export function showPacket(profile: ProfileId, message: Row): void {
  const shown = app.attempt(() => showPacketOf(profile, message));
  void focus('packet-list');
  void shown;
}

/** Shows the message that a packet carried, in the history; answers whether it is there. */
export async function showMessage(profile: ProfileId, packet: PacketDetail): Promise<boolean> {
  const isThere = await showMessageOf(profile, packet);
  if (isThere) await focus('message-list');
  return isThere;
}

async function focus(list: string): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>(`[data-testid="${list}"]`)?.focus();
}
