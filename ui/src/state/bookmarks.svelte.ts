/**
 * The bookmarks of one history: which messages are marked, and what a person wrote about them.
 *
 * The engine keeps them; this reads the list when it is first looked at and after each change that may touch it. Messages that
 * the limits remove take their bookmarks along, so the list is read again when the oldest message is another one, and not
 * with every message that comes.
 */
import { call, toUserError } from '$src/backend';
import type { Bookmark, HistoryStats, MessageId, ProfileId, UserError } from '$src/bindings/engine';
import { PullScheduler, realClock, type Clock } from '$src/lib/pull';

/** The longest note, in characters; the engine refuses longer ones. */
export const MOST_NOTE = 10_000;

/** The shortest time between two readings that nobody asked for, in milliseconds. */
const EVERY = 1_000;

/** What the engine refused, and for which message. */
export interface Refused {
  id: MessageId;
  /** What the person wrote, so that it is not lost. */
  note: string;
  error: UserError;
}

export class Bookmarks {
  readonly profile: ProfileId;
  readonly #reading: PullScheduler;

  list = $state.raw<readonly Bookmark[]>([]);
  /** Rises with each change that was made here: rows show their bookmarks, and are to be read again. */
  changes = $state(0);
  /** What could not be done last. */
  refused = $state.raw<Refused | null>(null);
  /** Why the list could not be read. */
  error = $state.raw<UserError | null>(null);

  readonly #byId = $derived(new Map(this.list.map((bookmark) => [bookmark.id, bookmark])));
  #firstId: MessageId | null | undefined = undefined;

  constructor(profile: ProfileId, clock: Clock = realClock) {
    this.profile = profile;
    this.#reading = new PullScheduler(() => this.load(), EVERY, clock);
  }

  /** The bookmark of a message, where it has one. */
  of(id: MessageId): Bookmark | undefined {
    return this.#byId.get(id);
  }

  async load(): Promise<void> {
    try {
      this.list = await call('bookmarks_list', { profile: this.profile });
      this.error = null;
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  /** What the history holds now: the oldest messages, and their bookmarks, may have gone. */
  statsChanged(stats: HistoryStats): void {
    const before = this.#firstId;
    this.#firstId = stats.first_id;
    if (before === undefined) this.#reading.request('now');
    else if (before !== stats.first_id && this.list.length > 0) this.#reading.request('soon');
  }

  /** Marks a message that is not marked, or takes the mark away, and with it the note. */
  toggle(id: MessageId): Promise<boolean> {
    return this.of(id) ? this.remove(id) : this.set(id, '');
  }

  /** Marks a message, or changes its note. False where the engine refuses; `refused` then says why. */
  set(id: MessageId, note: string): Promise<boolean> {
    return this.#change(id, note, () => call('bookmark_set', { profile: this.profile, id, note }));
  }

  remove(id: MessageId): Promise<boolean> {
    const note = this.of(id)?.note ?? '';
    return this.#change(id, note, () => call('bookmark_remove', { profile: this.profile, id }));
  }

  /** The next bookmark on one side of a message; from no message, the newest or the oldest one. Goes round at the ends. */
  next(from: MessageId | null, towards: 'older' | 'newer'): Bookmark | null {
    const { list } = this;
    const round = towards === 'older' ? list.at(-1) : list[0];
    if (from === null) return round ?? null;
    const beyond =
      towards === 'older'
        ? list.findLast((bookmark) => bookmark.id < from)
        : list.find((bookmark) => bookmark.id > from);
    return beyond ?? round ?? null;
  }

  async #change(id: MessageId, note: string, command: () => Promise<null>): Promise<boolean> {
    try {
      await command();
    } catch (error) {
      this.refused = { id, note, error: toUserError(error) };
      return false;
    }
    if (this.refused?.id === id) this.refused = null;
    await this.load();
    this.changes += 1;
    return true;
  }
}
