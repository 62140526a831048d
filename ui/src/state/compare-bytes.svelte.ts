/**
 * The bytes around what differs between two payloads, loaded as far as they are looked at: of a payload of 256 MB in which
 * one byte differs, two rows come to the window.
 */
import { call } from '$src/backend';
import type { HexRun, MessageRef } from '$src/bindings/engine';
import {
  bytesOfDump,
  clustersOf,
  rowsOf,
  type Cluster,
  type HexRow,
  type Span,
} from '$src/lib/hex-clusters';

/** Pieces that are loaded at once. */
const AT_ONCE = 16;

/** Bytes and characters of one of the engine's hex rows; every row ends with a line feed. */
const ENGINE_ROW = { bytes: 16, characters: 78 };

export interface Piece {
  before: HexRow[];
  after: HexRow[];
  /** Bytes that are not shown. */
  cut: number;
}

export class ComparedBytes {
  pieces = $state.raw<Piece[]>([]);
  readonly #pair: { before: MessageRef; after: MessageRef };
  readonly #clusters: Cluster[];

  constructor(
    pair: { before: MessageRef; after: MessageRef },
    sizes: { before: number; after: number },
    runs: readonly HexRun[],
  ) {
    this.#pair = pair;
    this.#clusters = clustersOf(runs, sizes);
  }

  /** How many pieces have not been loaded. */
  get left(): number {
    return this.#clusters.length - this.pieces.length;
  }

  /** Loads the next pieces. */
  async more(): Promise<void> {
    const from = this.pieces.length;
    const next = this.#clusters.slice(from, from + AT_ONCE);
    const loaded = await Promise.all(next.map((cluster) => this.#load(cluster)));
    if (this.pieces.length === from) this.pieces = [...this.pieces, ...loaded];
  }

  async #load(cluster: Cluster): Promise<Piece> {
    const { before, after } = this.#pair;
    const [first, second] = await Promise.all([
      slice(before, cluster.before),
      slice(after, cluster.after),
    ]);
    return {
      before: rowsOf(cluster, 'before', first),
      after: rowsOf(cluster, 'after', second),
      cut: cluster.cut,
    };
  }
}

async function slice({ profile, id }: MessageRef, { from, length }: Span): Promise<Uint8Array> {
  if (length === 0) return new Uint8Array();
  const rows = Math.ceil(length / ENGINE_ROW.bytes) + 1;
  const limit = rows * ENGINE_ROW.characters;
  const view = await call('payload_view', { profile, id, kind: 'hex', offset: from, limit });
  const begin = from - view.offset;
  return bytesOfDump(view.text).subarray(begin, begin + length);
}
