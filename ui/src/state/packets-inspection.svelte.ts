/**
 * The chosen packet with its fields and bytes, and what of it is marked.
 *
 * A field and a byte are chosen together: the byte's innermost field, or the field's first byte. A packet stays here when
 * it has made room for newer ones in the timeline; whoever reads it is not to lose it.
 */
import { call, toUserError } from '$src/backend';
import type { PacketDetail, PacketField, ProfileId, UserError } from '$src/bindings/engine';
import { bytesOf } from '$src/lib/bytes';
import { faultPlace, ownersOf } from '$src/lib/packet-fields';

const NOTHING = new Uint8Array();

export class PacketInspection {
  readonly profile: ProfileId;
  detail = $state.raw<PacketDetail | null>(null);
  /** Why the packet that was asked for is not shown. */
  error = $state.raw<UserError | null>(null);
  /** The chosen field, by its place; -1 while none is. */
  field = $state(-1);
  /** The chosen byte; -1 while none is. */
  byte = $state(-1);
  /** The field under the pointer, by its place; -1 while none is. */
  hovered = $state(-1);

  readonly bytes: Uint8Array = $derived(this.detail ? bytesOf(this.detail.bytes) : NOTHING);
  readonly owners: Int32Array = $derived(ownersOf(this.detail?.fields ?? [], this.bytes.length));
  /** The place of the field at which the fault is said; -1 where there is none. */
  readonly faultAt: number = $derived.by(() => {
    const fault = this.detail?.row.fault;
    return this.detail && fault ? faultPlace(this.detail.fields, fault.at) : -1;
  });

  #wanted: number | null = null;

  constructor(profile: ProfileId) {
    this.profile = profile;
  }

  get chosen(): PacketField | null {
    return this.detail?.fields[this.field] ?? null;
  }

  /** Shows a packet, or none. What was shown stays until the other one is there. */
  async show(number: number | null): Promise<void> {
    if (number === this.#wanted) return;
    this.#wanted = number;
    if (number === null) {
      this.#take(null, null);
      return;
    }
    try {
      const detail = await call('packet_detail', { profile: this.profile, number });
      if (number === this.#wanted) this.#take(detail, null);
    } catch (error) {
      if (number === this.#wanted) this.#take(null, toUserError(error));
    }
  }

  /** Chooses a field and its first byte. */
  chooseField(index: number): void {
    const field = this.detail?.fields[index];
    if (!field) return;
    this.field = index;
    this.byte = field.at < this.bytes.length ? field.at : -1;
  }

  /** Chooses a byte and its innermost field. */
  chooseByte(at: number): void {
    if (this.bytes.length === 0) return;
    this.byte = Math.min(Math.max(0, at), this.bytes.length - 1);
    this.field = this.owners[this.byte] ?? -1;
  }

  hoverByte(at: number): void {
    this.hovered = this.owners[at] ?? -1;
  }

  #take(detail: PacketDetail | null, error: UserError | null): void {
    this.detail = detail;
    this.error = error;
    this.hovered = -1;
    this.field = -1;
    this.byte = -1;
    // What is wrong is what is looked for.
    if (this.faultAt >= 0) this.chooseField(this.faultAt);
  }
}
