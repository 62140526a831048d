/**
 * The window onto a session's timeline of packets.
 *
 * As with the messages, the engine owns the lines and pages them, and an event only tells that there is something to ask for.
 * The price of asking ten times a second: a line is up to a tenth of a second late; the gain: what the window does depends
 * on the lines in sight and not on how many packets come. While no pane shows the timeline, nothing is asked for.
 */
import { call, toUserError } from '$src/backend';
import type {
  Event,
  PacketFilter,
  PacketFrom,
  PacketPage,
  PacketRow,
  PacketsState,
  PageFrom,
  ProfileId,
  UserError,
} from '$src/bindings/engine';
import { PullScheduler, realClock, type Clock, type Haste } from '$src/lib/pull';

import { Listing } from './listing.svelte';
import { isNarrow, NO_FILTER } from './packets-filter';
import { Pings } from './packets-pings.svelte';
import type { PageOf } from './paging';

/** The shortest time between pulls that nobody waits for, in milliseconds: ten a second. */
const INTERVAL = 100;

const NOTHING_HELD: PacketsState = {
  ...{ on: true, packets: 0, last: null, bytes: 0, limit: 0, forgotten: 0, faults: 0 },
};

export type PacketsEvent = Extract<Event, { event: 'packets' }>;

/** A line of the timeline with what only its neighbour tells. */
export interface PacketLine extends PacketRow {
  /** The packet's number. */
  id: number;
  /** Microseconds since the line before; null where that one is not known. */
  since_us: number | null;
  /** It is the first line of its connection. */
  begins: boolean;
}

export class Timeline extends Listing<PacketLine> {
  readonly profile: ProfileId;
  readonly pings: Pings;
  readonly #scheduler: PullScheduler;

  /** What the timeline holds. */
  held = $state.raw(NOTHING_HELD);
  /** Which packets are shown. */
  filter = $state.raw<PacketFilter>({ ...NO_FILTER, grouped: true });
  /** The filter whose lines are on screen. */
  #shown = $state.raw<PacketFilter | null>(null);
  /** Why the last pull failed. */
  error = $state.raw<UserError | null>(null);
  /** The packet that was looked for last, by its message, is not here. */
  unfound = $state(false);
  /** Whether lines have come once: before that, an empty list means nothing. */
  loaded = $state(false);
  /** How often the detail was asked for; who shows it watches for the change. */
  inspections = $state(0);

  /** How many panes show this timeline, for a moment two while one takes the place of another; what nobody sees is not pulled. */
  #watchers = 0;

  /** Whether what is on screen is still that of another filter. */
  readonly isBehind: boolean = $derived(this.#shown !== null && this.#shown !== this.filter);

  readonly isNarrow: boolean = $derived(isNarrow(this.filter));

  constructor(profile: ProfileId, clock: Clock = realClock) {
    super();
    this.profile = profile;
    this.pings = new Pings(profile, clock);
    this.#scheduler = new PullScheduler(() => this.#pull(), INTERVAL, clock);
  }

  /** Builds the state from the engine's: at the start and after a gap in the events. */
  async load(): Promise<void> {
    const { profile } = this;
    try {
      this.changed({ event: 'packets', profile, state: await call('packets_state', { profile }) });
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  /** Takes in an event of the engine. */
  changed({ state }: PacketsEvent): void {
    const before = this.held;
    this.held = state;
    if (state.packets === 0 && before.packets > 0) this.empty();
    this.request('soon');
    if (this.#watchers > 0) this.pings.request();
  }

  /** Keeps the lines coming while a pane shows them; the answer ends it. */
  watch(): () => void {
    this.#watchers += 1;
    this.request('now');
    this.pings.request();
    return () => {
      this.#watchers -= 1;
    };
  }

  /** Asks for the detail to be focused. */
  inspect(): void {
    this.inspections += 1;
  }

  /** Shows what meets these conditions too, around the chosen packet; while it follows, the newest of it. */
  narrow(part: Partial<PacketFilter>): void {
    this.unfound = false;
    this.filter = { ...this.filter, ...part };
    const { selected } = this;
    if (selected && !this.position.follow) void this.reveal(selected.id);
    else this.request('now');
  }

  /** Shows everything, folded or not as before. */
  widen(): void {
    const { grouped, open } = this.filter;
    this.narrow({ ...NO_FILTER, grouped, open });
  }

  /** The line of the chosen packet, where it is near what is in sight. */
  get chosenLine(): PacketLine | undefined {
    return this.selected ? this.rowWith(this.selected.id) : undefined;
  }

  /** Folds or unfolds the exchange of the chosen packet. From one of its other packets folding leads to the first. */
  fold(close: boolean): void {
    const { filter } = this;
    const line = this.chosenLine;
    const exchange = line?.exchange;
    if (!filter.grouped || !exchange || exchange.packets < 2) return;
    const { first } = exchange;
    if (filter.open.includes(first) !== close) return;
    const open = close ? filter.open.filter((each) => each !== first) : [...filter.open, first];
    this.filter = { ...filter, open };
    // What was opened is to stay where the eye is, also where the list was short enough to follow its end.
    if (close || this.position.follow) void this.reveal(first);
    else this.request('now');
  }

  /** Begins or stops to take packets down. */
  async record(on: boolean): Promise<void> {
    await call('packets_record', { profile: this.profile, on });
  }

  async clear(): Promise<void> {
    await call('packets_clear', { profile: this.profile });
  }

  protected override request(haste: Haste): void {
    if (this.#watchers > 0) this.#scheduler.request(haste);
  }

  async #pull(): Promise<void> {
    const { filter, profile } = this;
    const wanted = this.wanted();
    const from = packetFrom(wanted.from);
    try {
      const page = await call('packets_page', { profile, filter, from, count: wanted.count });
      // Something else is to be shown by now, or the timeline was cleared while this page was on its way.
      if (filter !== this.filter) {
        this.request('now');
        return;
      }
      if (page.total > 0 && this.held.packets === 0 && this.loaded) return;
      this.take(linesOf(page, filter), wanted);
      this.#shown = filter;
      this.loaded = true;
      this.error = null;
    } catch (error) {
      this.#shown = filter;
      this.error = toUserError(error);
    }
  }
}

/** The same place, as the timeline names it. */
export function packetFrom(from: PageFrom): PacketFrom {
  if (from.kind !== 'message') return from;
  return { kind: 'packet', number: from.id, before: from.before };
}

/**
 * Lines with what their neighbours tell. The packets of an open exchange stand below its first, before others that may be older;
 * what comes behind them is measured from the first, as it was while the exchange was folded.
 */
function linesOf(page: PacketPage, filter: PacketFilter): PageOf<PacketLine> {
  const open = new Set(filter.grouped ? filter.open : []);
  let outer: PacketRow | undefined;
  const rows = page.rows.map((row, at) => {
    const isInner =
      row.exchange && row.exchange.first !== row.number && open.has(row.exchange.first);
    const before = isInner ? page.rows[at - 1] : outer;
    if (!isInner) outer = row;
    return {
      ...row,
      id: row.number,
      since_us: before ? row.time_us - before.time_us : null,
      begins: before ? before.connection !== row.connection : page.first + at === 0,
    };
  });
  return { ...page, rows };
}
