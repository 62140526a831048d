/**
 * Two messages held against each other. They may be of different profiles: one is chosen here, the other there.
 *
 * The engine compares; this keeps which two, in which way, and what is known of both. What is shown stays until the next
 * answer is there, and an answer about a pair that is no longer wanted is thrown away.
 */
import { call, toUserError } from '$src/backend';
import type {
  Compared,
  MessageDetail,
  MessageId,
  MessageRef,
  UserError,
  WayToCompare,
} from '$src/bindings/engine';

import { ComparedBytes } from './compare-bytes.svelte';
import { nextOnTopic } from './topic-steps';

export interface Pair {
  before: MessageRef;
  after: MessageRef;
}

/** Everything that is shown, of one moment. */
export interface Shown extends Pair {
  details: { before: MessageDetail; after: MessageDetail };
  /** What was asked for; what it came to stands in `compared`. */
  way: WayToCompare;
  compared: Compared;
  /** The bytes of both, where they are compared as bytes. */
  bytes: ComparedBytes | null;
}

export class Comparison {
  /** The message that waits for another one. */
  chosen = $state.raw<MessageRef | null>(null);
  shown = $state.raw<Shown | null>(null);
  error = $state.raw<UserError | null>(null);
  busy = $state(false);
  /** Where there was no message to step to. */
  missing = $state<'previous' | 'next' | null>(null);

  #wanted: Pair | null = null;

  /** Whether two messages are compared. */
  get isOpen(): boolean {
    return this.shown !== null || this.error !== null || this.missing !== null;
  }

  /** Keeps a message until another one is named. */
  choose(message: MessageRef | null): void {
    this.chosen = message;
  }

  /** Compares the chosen message with another one: the older first where both are of one history. */
  async withChosen(other: MessageRef): Promise<void> {
    const { chosen } = this;
    if (!chosen) return;
    this.chosen = null;
    const swapped = chosen.profile === other.profile && other.id < chosen.id;
    await this.compare(
      swapped ? { before: other, after: chosen } : { before: chosen, after: other },
    );
  }

  /** Compares a message with the one before on its topic, or says that there is none. */
  async withPrevious(message: MessageRef): Promise<void> {
    this.close();
    try {
      const id = await call('message_previous', message);
      if (id === null) this.missing = 'previous';
      else await this.compare({ before: { profile: message.profile, id }, after: message });
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  async compare(pair: Pair, way: WayToCompare = 'best'): Promise<void> {
    this.#wanted = pair;
    this.busy = true;
    this.missing = null;
    try {
      const { before, after } = pair;
      const [compared, first, second] = await Promise.all([
        call('messages_compare', { before, after, way }),
        call('history_message', before),
        call('history_message', after),
      ]);
      const details = { before: first, after: second };
      const bytes = await bytesOf(pair, details, compared);
      if (this.#wanted !== pair) return;
      this.shown = { ...pair, details, way, compared, bytes };
      this.error = null;
    } catch (error) {
      if (this.#wanted === pair) this.error = toUserError(error);
    } finally {
      if (this.#wanted === pair) this.busy = false;
    }
  }

  /** Compares the same two in another way. */
  async choseWay(way: WayToCompare): Promise<void> {
    const { shown } = this;
    if (shown) await this.compare({ before: shown.before, after: shown.after }, way);
  }

  async swap(): Promise<void> {
    const { shown } = this;
    if (shown) await this.compare({ before: shown.after, after: shown.before }, shown.way);
  }

  /** Goes back by one: the first message becomes the second, and the one before it on its topic the first. */
  async previous(): Promise<void> {
    const { shown } = this;
    if (!shown) return;
    const { before: after } = shown;
    await this.#move('previous', call('message_previous', after), (id) => ({
      before: { profile: after.profile, id },
      after,
    }));
  }

  /** Goes on by one: the second message becomes the first, and the one behind it on its topic the second. */
  async next(): Promise<void> {
    const { shown } = this;
    if (!shown) return;
    const { after: before } = shown;
    const { row } = shown.details.after;
    await this.#move('next', nextOnTopic(before.profile, row), (id) => ({
      before,
      after: { profile: before.profile, id },
    }));
  }

  close(): void {
    this.#wanted = null;
    this.shown = null;
    this.error = null;
    this.busy = false;
    this.missing = null;
  }

  async #move(
    side: 'previous' | 'next',
    answer: Promise<MessageId | null>,
    pairOf: (id: MessageId) => Pair,
  ): Promise<void> {
    const wanted = this.#wanted;
    const way = this.shown?.way ?? 'best';
    try {
      const id = await answer;
      if (this.#wanted !== wanted) return;
      if (id === null) this.missing = side;
      else await this.compare(pairOf(id), way);
    } catch (error) {
      if (this.#wanted === wanted) this.error = toUserError(error);
    }
  }
}

async function bytesOf(
  pair: Pair,
  { before, after }: Shown['details'],
  compared: Compared,
): Promise<ComparedBytes | null> {
  if (compared.way !== 'hex') return null;
  const sizes = { before: before.row.size, after: after.row.size };
  const bytes = new ComparedBytes(pair, sizes, compared.difference.runs);
  await bytes.more();
  return bytes;
}

/** The window's one comparison. */
export const comparison = new Comparison();
