/**
 * The window onto one profile's history, or onto a view of it.
 *
 * The engine owns the rows and pages them; this asks for another page when what is visible is not there. Nobody pushes
 * messages: an event only tells that there is something to ask for.
 */
import { call, toUserError } from '$src/backend';
import type {
  Event,
  HistoryStats,
  MessageId,
  ProfileId,
  UserError,
  ViewFilter,
  ViewId,
  ViewState,
} from '$src/bindings/engine';
import { PullScheduler, realClock, type Clock, type Haste } from '$src/lib/pull';

import { Jump } from './jump';
import { Listing, type Wanted } from './listing.svelte';
import { isGone, newest, onlyCame } from './paging';
import { narrowed, Viewing } from './viewing.svelte';

export { ROW_HEIGHT, type Selection } from './listing.svelte';

/** The shortest time between pulls while following, in milliseconds. */
const INTERVAL = 50;

const NO_STATS: HistoryStats = {
  ...{ messages: 0, bytes_on_disk: 0, received: 0, sent: 0 },
  ...{ first_id: null, last_id: null, set_aside: null, recording: true },
  removed: { messages: 0, bytes: 0, since_us: null },
};

export type HistoryEvent = Extract<Event, { event: 'history' }>;

export class HistoryState extends Listing {
  readonly profile: ProfileId;
  readonly #scheduler: PullScheduler;

  stats = $state.raw(NO_STATS);
  /** Rises with every change of the rows or their outcomes. */
  revision = $state(0);
  /** Why nothing is stored at the moment. */
  fault = $state.raw<UserError | null>(null);
  /** Why the last pull failed. */
  error = $state.raw<UserError | null>(null);
  /** Why what was asked to be shown last is not shown. */
  refused = $state.raw<UserError | null>(null);
  /** Whether rows have come once: before that, an empty list means nothing. */
  loaded = $state(false);
  /** How often the inspector was asked for; who shows it watches for the change. */
  inspections = $state(0);

  #viewing = $state.raw(Viewing.EVERYTHING);
  /** Which of the things that were asked to be shown counts: the last. */
  #turn = 0;
  /** How many panes show this history, for a moment two while one takes the place of another; what nobody sees is not pulled. */
  #watchers = 0;

  constructor(profile: ProfileId, clock: Clock = realClock) {
    super();
    this.profile = profile;
    this.#scheduler = new PullScheduler(() => this.#pull(), INTERVAL, clock);
  }

  /** The view that is shown; null while everything is. */
  get view(): ViewId | null {
    return this.#viewing.view;
  }
  /** The conditions of what is shown; null while everything is. */
  get filter(): ViewFilter | null {
    return this.#viewing.filter;
  }
  /** How far the search for what is shown is; null while everything is. */
  get viewState(): ViewState | null {
    return this.#viewing.state;
  }
  /** How many messages there are to show, as far as they were found. */
  get total(): number {
    return this.viewState?.found ?? this.stats.messages;
  }

  /** Asks for the inspector to be opened and focused. */
  inspect(): void {
    this.inspections += 1;
  }

  /** Keeps the rows coming while a pane shows them; the answer ends it. */
  watch(): () => void {
    this.#watchers += 1;
    this.refresh();
    return () => {
      this.#watchers -= 1;
    };
  }

  /** Asks for the rows on screen again: something about them has changed that no event tells. */
  refresh(): void {
    this.request('now');
  }

  /** Builds the state from the engine's: at the start and after a gap in the events. */
  async load(): Promise<void> {
    const { profile } = this;
    try {
      const stats = await call('history_stats', { profile });
      const { revision, fault } = this;
      this.changed({ event: 'history', profile, stats, revision, fault });
      const viewing = this.#viewing;
      if (viewing.view !== null) viewing.state = await call('view_state', { view: viewing.view });
      this.refresh();
    } catch (error) {
      await this.#failed(error);
    }
  }

  /** Takes in an event of the engine. */
  changed({ stats, revision, fault }: HistoryEvent): void {
    const before = this.stats;
    this.stats = stats;
    this.revision = revision;
    this.fault = fault;
    this.forget((id) => stats.messages === 0 || id < (stats.first_id ?? 0));
    if (this.view === null) {
      const { position } = this;
      if (stats.messages === 0 && before.messages > 0) this.empty();
      if (position.follow || !onlyCame(before, stats)) this.request('soon');
      else position.setTotal(Math.max(position.total, stats.messages));
    }
    if (this.isStale()) this.request('soon');
  }

  /**
   * Shows what meets the conditions, the newest of it, or everything, around the chosen message. What was shown stays
   * until the first rows are there; of several wishes the last one wins. Never rejects: see `refused`.
   */
  show(filter: ViewFilter | null): Promise<void> {
    const { selected } = this;
    return this.#open(filter, () => {
      if (filter !== null) return { ...newest(this.position.fit), jump: null };
      return this.wanted(selected && new Jump({ id: selected.id }, true));
    });
  }

  /** Goes to a message; where what is shown leaves it out, everything is shown. Answers whether it is there. */
  async goTo(id: MessageId): Promise<boolean> {
    if (await this.reveal(id)) return true;
    if (this.filter === null) return false;
    await this.show(null);
    return this.reveal(id);
  }

  /** Adds conditions to those of what is shown. */
  narrow(part: Partial<ViewFilter>): Promise<void> {
    return this.show(narrowed(this.filter, part));
  }

  /** Stops the search of what was there. */
  async halt(): Promise<void> {
    const { view } = this;
    if (view !== null) await call('view_halt', { view }).catch((error) => this.#failed(error));
  }

  /** Begins the search anew, with what is on screen where it is. */
  again(): Promise<void> {
    return this.#open(this.filter, () => this.wanted());
  }

  protected override isStale(): boolean {
    return super.isStale() || this.rows.some((row) => row?.outcome?.state === 'pending');
  }

  protected override request(haste: Haste): void {
    if (this.#watchers > 0) this.#scheduler.request(haste);
  }

  async #open(filter: ViewFilter | null, from: () => Wanted): Promise<void> {
    this.#turn += 1;
    const turn = this.#turn;
    let next = Viewing.EVERYTHING;
    try {
      next = await Viewing.open(this.profile, filter, () => this.request('soon'));
      const wanted = from();
      const page = turn === this.#turn ? await this.#ask(next, wanted) : null;
      if (!page || turn !== this.#turn) {
        next.close();
        return;
      }
      this.#viewing.close();
      this.#viewing = next;
      this.refused = null;
      this.adopt(page, wanted);
      this.refresh();
    } catch (error) {
      next.close();
      if (turn === this.#turn) this.refused = toUserError(error);
    }
  }

  #ask({ view }: Viewing, { from, count }: Wanted) {
    return call('history_page', { profile: this.profile, view, from, count });
  }

  async #pull(): Promise<void> {
    const viewing = this.#viewing;
    const wanted = this.wanted();
    try {
      const page = await this.#ask(viewing, wanted);
      // Something else is shown by now, or the history was cleared while this page was on its way.
      if (viewing !== this.#viewing) return;
      if (viewing.view === null && page.total > 0 && this.stats.messages === 0 && this.loaded) {
        return;
      }
      this.take(page, wanted);
      this.loaded = true;
      this.error = null;
      if (viewing.view === null) this.forget(isGone);
    } catch (error) {
      if (viewing === this.#viewing) await this.#failed(error);
    }
  }

  async #failed(thrown: unknown): Promise<void> {
    const error = toUserError(thrown);
    // The engine keeps only the last few views; a window that was away for long opens its own again.
    if (error.code === 'view.gone') await this.again();
    else this.error = error;
  }
}
