/** Timelines of packets in memory: the rows that a test puts there, without folding. */
import type {
  PacketDetail,
  PacketFilter,
  PacketFrom,
  PacketRow,
  PacketsState,
  PingTime,
  ProfileId,
} from '$src/bindings/engine';

import { userError } from './errors';

export class MemoryPackets {
  rows: PacketRow[] = [];
  pings: PingTime[] = [];
  details = new Map<number, PacketDetail>();
  on = true;

  readonly handlers = {
    packets_state: (): PacketsState => this.state(),
    packets_record: ({ on }: { profile: ProfileId; on: boolean }) => {
      this.on = on;
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
    }) => {
      const kinds = filter.kinds;
      const shown = this.rows.filter((row) => kinds.length === 0 || kinds.includes(row.kind));
      const total = shown.length;
      const at = from.kind === 'packet' ? shown.findIndex((row) => row.number >= from.number) : -1;
      const anchor = from.kind !== 'packet' ? null : at < 0 ? total : at;
      const wanted =
        from.kind === 'place'
          ? from.place
          : from.kind === 'packet'
            ? (anchor ?? 0) - from.before
            : total - count;
      const first = Math.max(0, Math.min(wanted, total));
      return { first, total, anchor, rows: shown.slice(first, first + count) };
    },
    packet_detail: ({ number }: { profile: ProfileId; number: number }) => {
      const detail = this.details.get(number);
      if (!detail) throw userError('packet.gone');
      return detail;
    },
    packets_pings: () => this.pings,
    packets_clear: () => {
      this.rows = [];
      return null;
    },
  };

  state(): PacketsState {
    return {
      on: this.on,
      packets: this.rows.length,
      last: this.rows.at(-1)?.number ?? null,
      bytes: this.rows.reduce((sum, row) => sum + row.size, 0),
      limit: 64 * 2 ** 20,
      forgotten: 0,
      faults: this.rows.filter((row) => row.fault !== null).length,
    };
  }
}
