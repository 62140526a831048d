/**
 * Timelines of packets in memory: the rows that a test puts there. They fold as those of the engine do, and are forgotten
 * from the front where a test says so.
 */
import type {
  Event,
  JobId,
  PacketDetail,
  PacketExport,
  PacketFilter,
  PacketFrom,
  PacketPage,
  PacketRow,
  PacketsState,
  PingTime,
  ProfileId,
} from '$src/bindings/engine';

import { userError } from './errors';

/** What the timelines must know of the rest of the engine. */
interface Owner {
  tell(events: Event[]): void;
  begin(profile: ProfileId, path: string): JobId;
}

const NOBODY: Owner = { tell: () => undefined, begin: () => 0 };

export class MemoryPackets {
  rows: PacketRow[] = [];
  pings: PingTime[] = [];
  details = new Map<number, PacketDetail>();
  on = true;
  forgotten = 0;
  limit = 64 * 2 ** 20;
  /** What was asked to be written last. */
  exported: { path: string; export: PacketExport } | null = null;
  #last: number | null = null;
  readonly #owner: Owner;

  constructor(owner: Owner = NOBODY) {
    this.#owner = owner;
  }

  readonly handlers = {
    packets_state: (): PacketsState => this.state(),
    packets_record: ({ profile, on }: { profile: ProfileId; on: boolean }) => {
      this.on = on;
      this.changed(profile);
      return null;
    },
    packets_page: ({
      filter,
      from,
      count,
    }: {
      profile: ProfileId;
      filter: PacketFilter;
      from: PacketFrom;
      count: number;
    }) => this.page(filter, from, count),
    packet_detail: ({ number }: { profile: ProfileId; number: number }) => {
      const detail = this.details.get(number);
      if (!detail || !this.rows.some((row) => row.number === number))
        throw userError('packet.gone');
      return detail;
    },
    packets_pings: () => this.pings,
    packets_clear: ({ profile }: { profile: ProfileId }) => {
      this.rows = [];
      this.changed(profile);
      return null;
    },
    packets_export: (args: { profile: ProfileId; path: string; export: PacketExport }) => {
      this.exported = { path: args.path, export: args.export };
      return this.#owner.begin(args.profile, args.path);
    },
  };

  /** Tells that a timeline has changed. */
  changed(profile: ProfileId): void {
    this.#owner.tell([{ event: 'packets', profile, state: this.state() }]);
  }

  /** Forgets the oldest packets. */
  forget(count: number): void {
    this.forgotten += this.rows.splice(0, count).length;
  }

  state(): PacketsState {
    this.#last = this.rows.at(-1)?.number ?? this.#last;
    return {
      on: this.on,
      packets: this.rows.length,
      last: this.#last,
      bytes: this.rows.reduce((sum, row) => sum + row.size + 48, 0),
      limit: this.limit,
      forgotten: this.forgotten,
      faults: this.rows.filter((row) => row.fault !== null).length,
    };
  }

  page(filter: PacketFilter, from: PacketFrom, count: number): PacketPage {
    const shown = this.#shown(filter);
    const total = shown.length;
    const anchor = this.#anchor(shown, from, filter);
    const wanted =
      from.kind === 'place'
        ? from.place
        : 'before' in from
          ? (anchor ?? total) - from.before
          : total - count;
    const first = Math.max(0, Math.min(wanted, total));
    return { first, total, anchor, rows: shown.slice(first, first + count) };
  }

  /** The line of a packet, or of its exchange, or else of the first one behind it; or the first that is not older than a time. */
  #anchor(shown: PacketRow[], from: PacketFrom, filter: PacketFilter): number | null {
    if (from.kind === 'time') {
      const at = shown.findIndex((row) => row.time_us >= from.time_us);
      return at < 0 ? null : at;
    }
    if (from.kind !== 'packet') return null;
    const { number } = from;
    const itself = shown.findIndex((row) => row.number === number);
    if (itself >= 0) return itself;
    const exchange = this.rows.find((row) => row.number === number)?.exchange;
    const asked = filter.grouped && exchange ? exchange.first : number;
    const at = shown.findIndex((row) => row.number >= asked);
    return at < 0 ? null : at;
  }

  /** The lines: an exchange of which one packet passes is a line, with all its packets below where it is open. */
  #shown(filter: PacketFilter): PacketRow[] {
    const passing = this.rows.filter((row) => passes(row, filter));
    if (!filter.grouped) return passing;
    const lines: PacketRow[] = [];
    const firsts = new Set(passing.map((row) => row.exchange?.first ?? row.number));
    for (const row of this.rows) {
      if (!firsts.has(row.number)) continue;
      lines.push(row);
      if (!filter.open.includes(row.number)) continue;
      const others = this.rows.filter(
        (each) => each.exchange?.first === row.number && each.number !== row.number,
      );
      lines.push(...others);
    }
    return lines;
  }
}

function passes(row: PacketRow, filter: PacketFilter): boolean {
  return (
    (filter.kinds.length === 0 || filter.kinds.includes(row.kind)) &&
    (filter.direction === null || filter.direction === row.direction) &&
    (filter.packet_id === null || filter.packet_id === row.packet_id) &&
    (filter.topic === '' || (row.topic ?? '').includes(filter.topic)) &&
    (!filter.faults || row.fault !== null)
  );
}
