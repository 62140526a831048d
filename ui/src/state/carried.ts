/**
 * Which PUBLISH carried a message, as far as their lines tell.
 *
 * Nothing on the wire names a message of the history, so what both say of themselves must agree, and who asks compares the
 * payloads before one is shown as the other's. The price: of several that are the same in all that is compared, such as the
 * equal messages of one read, it is the nearest in time, and then the oldest.
 */
import type { PacketDetail, PacketRow, Row } from '$src/bindings/engine';

/** What a packet's line leaves out of a long topic ends with this. */
const CUT = '\u2026';
/** Microseconds by which the two may lie the wrong way round: the same clock is read for both. */
const EARLY = 1_000;
/** Microseconds that may lie between them, and those for each byte of a large one on a slow line. */
const LATE = 2_000_000;
const LATE_PER_BYTE = 10;

/** Microseconds within which the other of the two is looked for. */
export function reach(size: number): number {
  return LATE + size * LATE_PER_BYTE;
}

/** Whether a packet may have carried a message. */
export function mayCarry(packet: PacketRow, message: Row): boolean {
  const late = lateness(packet, message);
  return (
    packet.kind === 'PUBLISH' &&
    packet.direction === message.direction &&
    packet.qos === message.qos &&
    packet.retain === message.retain &&
    // What is sent again has DUP; the message is the one that was sent first.
    (packet.direction === 'sent' || packet.dup === message.dup) &&
    packet.size > message.size &&
    isTopic(packet.topic, message.topic) &&
    late >= -EARLY &&
    late <= reach(packet.size)
  );
}

/** The candidates, the likeliest first. */
export function likeliest<T>(
  candidates: readonly T[],
  pair: (candidate: T) => [PacketRow, Row],
): T[] {
  const distance = (candidate: T) => Math.abs(lateness(...pair(candidate)));
  return [...candidates].sort((one, other) => distance(one) - distance(other));
}

/** Bytes of the payload of a PUBLISH. */
export function payloadSize({ row, fields }: PacketDetail): number {
  const payload = fields.findLast(({ name, depth }) => name === 'Payload' && depth === 0);
  return payload ? row.size - payload.at : 0;
}

/** Microseconds from what came first of the two: a message is read from its packet, or written into it. */
function lateness(packet: PacketRow, message: Row): number {
  const after = message.time_us - packet.time_us;
  return packet.direction === 'received' ? after : -after;
}

function isTopic(shown: string | null, topic: string): boolean {
  if (shown === null || shown === topic) return shown !== null;
  return shown.endsWith(CUT) && topic.startsWith(shown.slice(0, -CUT.length));
}
