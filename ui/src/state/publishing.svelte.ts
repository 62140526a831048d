/**
 * The message that was sent last from a profile, until its outcome is known.
 *
 * `session_publish` answers once the message is recorded; what became of it stands on its row. So the row is read again with each
 * change of the history, one reading at a time, until the outcome is final.
 */
import { call, toUserError } from '$src/backend';
import type {
  MessageId,
  MessageRef,
  Outcome,
  ProfileId,
  Publish,
  UserError,
} from '$src/bindings/engine';

export class Publishing {
  readonly profile: ProfileId;
  readonly #now: () => number;

  /** The command has not been answered yet. */
  busy = $state(false);
  outcome = $state.raw<Outcome | null>(null);
  /** It was sent while recording is stopped: there is no row, and nothing tells what became of it. */
  notRecorded = $state(false);
  /** The message of a history that was sent again last; null where something else was sent since. */
  again = $state.raw<MessageRef | null>(null);
  /** Milliseconds from sending to the outcome, seen from the window. */
  took = $state<number | null>(null);
  /** Why the message was not taken. */
  error = $state.raw<UserError | null>(null);

  /** The Topic Aliases that were set from here, and the connection that they hold on, by when it began. */
  #aliases = $state.raw({ since: 0, topics: new Map<number, string>() });
  #id = $state<MessageId | null>(null);
  #started = 0;
  #reading = false;
  #again = false;

  constructor(profile: ProfileId, now: () => number = () => performance.now()) {
    this.profile = profile;
    this.#now = now;
  }

  /** The number of the message in the history of its profile, once it was taken and recorded. */
  get id(): MessageId | null {
    return this.#id;
  }

  /** The topic that an alias stands for on the connection that began then; undefined where it was not set from here. */
  aliasOf(alias: number, since: number): string | undefined {
    return this.#aliases.since === since ? this.#aliases.topics.get(alias) : undefined;
  }

  /** A message with this alias was taken. One without a topic changes nothing. */
  aliasSet(alias: number, topic: string, since: number): void {
    if (topic === '') return;
    const known = this.#aliases.since === since ? this.#aliases.topics : [];
    this.#aliases = { since, topics: new Map([...known, [alias, topic]]) };
  }

  send(publish: Publish): Promise<void> {
    return this.#run(() => call('session_publish', { profile: this.profile, publish }));
  }

  /** Sends a message that is in some history once more, byte for byte and with its properties. */
  sendAgain(message: MessageRef): Promise<void> {
    return this.#run(() => call('message_publish_again', { message, to: this.profile }), message);
  }

  /** Sends the bytes of a file, which the engine reads. */
  sendFile(message: Omit<Publish, 'payload'>, path: string): Promise<void> {
    const publish = { ...message, payload: { text: '' } };
    return this.#run(() => call('session_publish_file', { profile: this.profile, publish, path }));
  }

  /** Reads the outcome again: the history has changed. */
  async refresh(): Promise<void> {
    if (this.#id === null || this.outcome?.state !== 'pending') return;
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    const id = this.#id;
    try {
      const { row } = await call('history_message', { profile: this.profile, id });
      if (this.#id === id) this.#settle(row.outcome);
    } catch (error) {
      // It was sent all the same: the history was cleared, or the next change reads the row again.
      const isGone = toUserError(error).code === 'history.message_not_found';
      if (this.#id === id && isGone) this.outcome = null;
    } finally {
      this.#reading = false;
    }
    if (this.#again) {
      this.#again = false;
      await this.refresh();
    }
  }

  async #run(
    command: () => Promise<MessageId | null>,
    again: MessageRef | null = null,
  ): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.again = again;
    this.error = null;
    this.outcome = null;
    this.notRecorded = false;
    this.took = null;
    this.#id = null;
    this.#started = this.#now();
    try {
      this.#id = await command();
      this.notRecorded = this.#id === null;
      this.outcome = this.#id === null ? null : { state: 'pending' };
    } catch (error) {
      this.error = toUserError(error);
    } finally {
      this.busy = false;
    }
    await this.refresh();
  }

  #settle(outcome: Outcome | null): void {
    if (!outcome || outcome.state === 'pending') return;
    this.outcome = outcome;
    this.took = this.#now() - this.#started;
  }
}
