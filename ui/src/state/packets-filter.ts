/** Which packets are shown: filters as values. */
import type { PacketFilter } from '$src/bindings/engine';

/** Lets everything through, each packet on its own line. */
export const NO_FILTER: PacketFilter = {
  kinds: [],
  direction: null,
  packet_id: null,
  topic: '',
  faults: false,
  grouped: false,
  open: [],
};

/** Whether a filter leaves packets out; folding does not count. */
export function isNarrow(filter: PacketFilter): boolean {
  const { kinds, direction, packet_id, topic, faults } = filter;
  return kinds.length > 0 || direction !== null || packet_id !== null || topic !== '' || faults;
}
