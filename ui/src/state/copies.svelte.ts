/**
 * A message of one history, sent to another broker as it is: byte for byte, with its properties.
 *
 * One at a time is told of: the last. It has a `Publishing` of its own, so that what the publish box of the other profile says
 * of its last message stays.
 */
import type { MessageRef, ProfileId } from '$src/bindings/engine';

import { Publishing } from './publishing.svelte';

export interface Copy {
  readonly message: MessageRef;
  readonly to: ProfileId;
  /** It was not sent, because there is no connection. */
  readonly hindered: boolean;
  readonly publishing: Publishing;
}

export class Copies {
  last = $state.raw<Copy | null>(null);
  readonly #isConnected: (profile: ProfileId) => boolean;

  constructor(isConnected: (profile: ProfileId) => boolean) {
    this.#isConnected = isConnected;
  }

  /** Sends a message to the broker of a profile. Never rejects: what became of it is told by `last`. */
  async copy(message: MessageRef, to: ProfileId): Promise<void> {
    const hindered = !this.#isConnected(to);
    const publishing = new Publishing(to);
    this.last = { message, to, hindered, publishing };
    if (!hindered) await publishing.sendAgain(message);
  }

  /** What is told of it has been read. */
  putAway(): void {
    this.last = null;
  }
}
