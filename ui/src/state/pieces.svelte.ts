/**
 * One view of one payload, loaded piece by piece as far as it is looked at.
 *
 * So 20 MB open as fast as 20 bytes. The tree of JSON grows along with the pieces.
 */
import { call, toUserError } from '$src/backend';
import type { Fault, MessageId, ProfileId, UserError, ViewKind } from '$src/bindings/engine';
import { JsonTree, type TreeNode } from '$src/lib/json-tree';

/** The most characters of a piece: small where each token becomes an element. */
const LIMITS: Record<ViewKind, number> = {
  json: 16_384,
  text: 32_768,
  hex: 32_768,
  base64: 32_768,
};

/** The most characters that the engine gives at once: for copying. */
const COPY_LIMIT = 1 << 20;

export interface Piece {
  /** The byte of the payload that it begins with. */
  offset: number;
  text: string;
}

export class PayloadPieces {
  readonly profile: ProfileId;
  readonly id: MessageId;
  readonly kind: ViewKind;

  pieces = $state.raw<Piece[]>([]);
  fault = $state.raw<Fault | null>(null);
  error = $state.raw<UserError | null>(null);
  totalBytes = $state(0);
  /** The JSON tree so far, a new object whenever it has grown; null where the payload is no JSON. */
  tree = $state.raw<{ nodes: readonly TreeNode[] } | null>(null);

  #next = $state<number | null>(0);
  #loading = false;
  readonly #tree = new JsonTree();

  constructor(profile: ProfileId, id: MessageId, kind: ViewKind) {
    this.profile = profile;
    this.id = id;
    this.kind = kind;
  }

  /** Whether all of it has been loaded. */
  get done(): boolean {
    return this.#next === null;
  }

  /** How many bytes of the payload are shown. */
  get shownBytes(): number {
    return this.#next ?? this.totalBytes;
  }

  /** Loads the next piece, unless one is on its way or all are there. */
  async more(): Promise<void> {
    const offset = this.#next;
    if (offset === null || this.#loading) return;
    this.#loading = true;
    try {
      const view = await this.#view(offset, LIMITS[this.kind]);
      this.totalBytes = view.total_bytes;
      this.fault = view.fault;
      this.#next = view.next_offset;
      this.pieces = [...this.pieces, { offset: view.offset, text: view.text }];
      if (this.kind === 'json' && !view.fault) this.#grow(view.text);
      this.error = null;
    } catch (error) {
      this.error = toUserError(error);
    } finally {
      this.#loading = false;
    }
  }

  /** The whole view as text, for copying; what has not been looked at is loaded without being shown. */
  async all(): Promise<string> {
    if (this.whole !== null) return this.whole;
    const texts: string[] = [];
    for (let offset: number | null = 0; offset !== null;) {
      const view = await this.#view(offset, COPY_LIMIT);
      texts.push(view.text);
      offset = view.next_offset;
    }
    return texts.join('');
  }

  /** All of it, where all has been loaded: a copy can then be made without waiting. */
  get whole(): string | null {
    return this.done ? this.pieces.map((piece) => piece.text).join('') : null;
  }

  #view(offset: number, limit: number) {
    const { profile, id, kind } = this;
    return call('payload_view', { profile, id, kind, offset, limit });
  }

  #grow(text: string): void {
    this.#tree.push(text);
    if (this.done) this.#tree.finish();
    this.tree = { nodes: this.#tree.nodes };
  }
}
