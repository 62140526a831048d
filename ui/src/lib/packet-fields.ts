/**
 * Which bytes of a packet a field has, and which field a byte belongs to.
 *
 * Fields come in the order of their bytes, a part before what lies in it. So what is painted later lies deeper, and one pass
 * over them tells for every byte the innermost field that has it.
 */

/** Where a field lies. */
export interface Placed {
  /** The first byte, counted from the packet's first, 0. */
  at: number;
  /** How many bytes. */
  len: number;
  /** How deep it lies; what follows and lies deeper is in it. */
  depth: number;
}

/**
 * For each of `count` bytes the place of the innermost field that has it; -1 where none has. A byte of bits belongs to the
 * field that these are of, such as the Connect Flags; where there is none, to the first of those that share it.
 */
export function ownersOf(fields: readonly Placed[], count: number): Int32Array {
  const owners = new Int32Array(count).fill(-1);
  for (const [index, { at, len }] of fields.entries()) {
    if (isBits(fields, index)) continue;
    owners.fill(index, Math.min(at, count), Math.min(at + len, count));
  }
  return owners;
}

/** Whether a field is a part of bytes that another one has as a whole: its neighbour, or the one that holds both. */
function isBits(fields: readonly Placed[], index: number): boolean {
  const [before, field, after] = [fields[index - 1], fields[index], fields[index + 1]];
  if (isSame(before, field) && before?.depth === field?.depth) return true;
  const shares = isSame(field, after) && field?.depth === after?.depth;
  return shares && isSame(before, field) && (before?.depth ?? 0) < (field?.depth ?? 0);
}

function isSame(one: Placed | undefined, other: Placed | undefined): boolean {
  return one?.at === other?.at && one?.len === other?.len;
}

/** The field that holds another one; null for a part of the packet. */
export function parentOf(fields: readonly Placed[], index: number): number | null {
  const depth = fields[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0; at -= 1) {
    if ((fields[at]?.depth ?? 0) < depth) return at;
  }
  return null;
}

/** Whether a field holds others. */
export function isHolder(fields: readonly Placed[], index: number): boolean {
  const [field, next] = [fields[index], fields[index + 1]];
  return field !== undefined && next !== undefined && next.depth > field.depth;
}

/** The field at which a fault at `byte` is to be said: the innermost that has it, else the last before it; -1 for none. */
export function faultPlace(fields: readonly Placed[], byte: number): number {
  const owner = fields.findLastIndex(({ at, len }) => at <= byte && byte < at + Math.max(1, len));
  if (owner >= 0) return owner;
  return fields.findLastIndex(({ at }) => at <= byte);
}

/**
 * For each byte whether it is drawn on the second of two grounds: they alternate from field to field, so that the eye
 * sees where one ends and the next begins.
 */
export function alternation(owners: Int32Array): Uint8Array {
  const grounds = new Uint8Array(owners.length);
  let ground = 0;
  for (let at = 1; at < owners.length; at += 1) {
    if (owners[at] !== owners[at - 1]) ground = 1 - ground;
    grounds[at] = ground;
  }
  return grounds;
}
