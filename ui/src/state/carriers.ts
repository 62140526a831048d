/** From a message of the history to the packet that carried it, and back: both are looked for around the other's time. */
import { call, toUserError } from '$src/backend';
import type {
  MessageId,
  PacketDetail,
  PacketFilter,
  PageFrom,
  ProfileId,
  Row,
} from '$src/bindings/engine';
import { bytesOf, decodeBase64 } from '$src/lib/bytes';

import { likeliest, mayCarry, payloadSize, reach } from './carried';
import { NO_FILTER } from './packets-filter';
import { packetFrom } from './packets.svelte';
import type { PageOf } from './paging';

/** Lines of a page, pages at most, and lines on the side where it cannot be but for the clock's grain. */
const STEP = 500;
const PAGES = 8;
const ASIDE = 8;
/** Payloads that are compared at most, and at once: at first one, which is nearly always the one. */
const PAYLOADS = 1_024;
const AT_ONCE = 32;
/** Characters of a payload's Base64 that are compared. */
const COMPARED = 32_768;

/** What a packet or a message that is not kept any more answers. */
const GONE: readonly string[] = ['packet.gone', 'history.message_not_found'];

interface Timed {
  id: number;
  time_us: number;
}

type Ask<Line extends Timed> = (from: PageFrom, count: number) => Promise<PageOf<Line>>;

/** The number of the packet that carried a message; null where the timeline does not have it. */
export async function packetOf(profile: ProfileId, message: Row): Promise<number | null> {
  const { direction, topic, time_us } = message;
  const filter: PacketFilter = { ...NO_FILTER, kinds: ['PUBLISH'], direction, topic };
  const ask: Ask<PacketOfPage> = async (from, count) => {
    const asked = { profile, filter, from: packetFrom(from), count };
    const page = await call('packets_page', asked);
    return { ...page, rows: page.rows.map((row) => ({ ...row, id: row.number })) };
  };
  const side = direction === 'received' ? 'before' : 'after';
  const payload = await beginning(profile, message.id);
  const found = await firstThat(
    linesNear(ask, time_us, side, reach(message.size)),
    (lines) =>
      likeliest(
        lines.filter((line) => mayCarry(line, message)),
        (line) => [line, message],
      ),
    async ({ number }) => {
      const detail = await call('packet_detail', { profile, number });
      return payloadSize(detail) === message.size && holds(detail, payload);
    },
  );
  return found?.number ?? null;
}

type PacketOfPage = PacketDetail['row'] & { id: number };

/** The message that a packet carried; null where the history does not have it. */
export async function messageOf(
  profile: ProfileId,
  packet: PacketDetail,
): Promise<MessageId | null> {
  const { row } = packet;
  const size = payloadSize(packet);
  const ask: Ask<Row> = (from, count) => call('history_page', { profile, view: null, from, count });
  const side = row.direction === 'received' ? 'after' : 'before';
  const found = await firstThat(
    linesNear(ask, row.time_us, side, reach(row.size)),
    (lines) =>
      likeliest(
        lines.filter((line) => line.size === size && mayCarry(row, line)),
        (line) => [row, line],
      ),
    async ({ id }) => holds(packet, await beginning(profile, id)),
  );
  return found?.id ?? null;
}

/** The likeliest line that agrees; one that is gone by now does not. */
async function firstThat<Line>(
  pages: AsyncGenerator<Line[]>,
  likely: (lines: Line[]) => Line[],
  agrees: (line: Line) => Promise<boolean>,
): Promise<Line | null> {
  const asked = (line: Line) =>
    agrees(line).catch((error: unknown) => {
      if (GONE.includes(toUserError(error).code)) return false;
      throw error;
    });
  let left = PAYLOADS;
  for await (const lines of pages) {
    const candidates = likely(lines).slice(0, left);
    left -= candidates.length;
    for (let at = 0; at < candidates.length;) {
      const some = candidates.slice(at, at + Math.min(AT_ONCE, at + 1));
      const answers = await Promise.all(some.map(asked));
      const first = some[answers.indexOf(true)];
      if (first) return first;
      at += some.length;
    }
    if (left === 0) return null;
  }
  return null;
}

/** The lines on one side of a time, a page at a time, the nearest page first. */
async function* linesNear<Line extends Timed>(
  ask: Ask<Line>,
  time_us: number,
  side: 'before' | 'after',
  far: number,
): AsyncGenerator<Line[]> {
  const back = side === 'before';
  let from: PageFrom = { kind: 'time', time_us, before: back ? STEP - ASIDE : ASIDE };
  for (let turn = 0; turn < PAGES; turn += 1) {
    const { first, total, rows } = await ask(from, STEP);
    const edge = back ? rows[0] : rows.at(-1);
    if (!edge) return;
    yield rows;
    const isLast = back ? first === 0 : first + rows.length >= total;
    if (isLast || Math.abs(edge.time_us - time_us) > far) return;
    from = { kind: 'message', id: back ? edge.id : edge.id + 1, before: back ? STEP : 0 };
  }
}

/** The first bytes of a message's payload. */
async function beginning(profile: ProfileId, id: MessageId): Promise<Uint8Array> {
  const asked = { profile, id, kind: 'base64' as const, offset: 0, limit: COMPARED };
  const decoded = decodeBase64((await call('payload_view', asked)).text);
  return decoded.ok ? decoded.bytes : new Uint8Array();
}

/** Whether the payload of a packet begins with these bytes, as far as they are here of both. */
function holds(packet: PacketDetail, payload: Uint8Array): boolean {
  const kept = bytesOf(packet.bytes).subarray(packet.row.size - payloadSize(packet));
  const compared = Math.min(kept.length, payload.length);
  for (let at = 0; at < compared; at += 1) if (kept[at] !== payload[at]) return false;
  return true;
}
