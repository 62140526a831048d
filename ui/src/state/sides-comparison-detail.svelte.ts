/**
 * What is known of the chosen row of a comparison: the facts of its messages, and their payload, or how their payloads differ.
 *
 * Two payloads are only held against each other where they differ and are both still stored; else one of them is shown, which
 * is both, or is what is left.
 */
import type { MessageDetail, SidesMessage, SidesPair, SidesRow } from '$src/bindings/engine';

import { Comparison } from './compare.svelte';
import { Inspection } from './inspection.svelte';

export class SidesDetail {
  /** How the payloads differ, where they do. */
  readonly payloads = new Comparison();
  readonly left: Inspection;
  readonly right: Inspection;
  readonly #pair: SidesPair;
  /** What was shown last, so that a row that only came again is not read again. */
  #shown = '';

  constructor(pair: SidesPair) {
    this.#pair = pair;
    this.left = new Inspection(pair.left);
    this.right = new Inspection(pair.right);
  }

  /** Shows a row, or none. */
  async show(row: SidesRow | null): Promise<void> {
    const left = stored(row?.left);
    const right = stored(row?.right);
    const differs = row?.difference === 'payload' && left !== null && right !== null;
    const wanted = JSON.stringify([left, right, differs]);
    if (wanted === this.#shown) return;
    this.#shown = wanted;
    if (differs) {
      const before = { profile: this.#pair.left, id: left };
      const after = { profile: this.#pair.right, id: right };
      await Promise.all([
        this.left.show(null),
        this.right.show(null),
        this.payloads.compare({ before, after }),
      ]);
      return;
    }
    this.payloads.close();
    await Promise.all([this.left.show(left), this.right.show(right)]);
  }

  /** The facts of a row's messages, as far as they are there. */
  facts(row: SidesRow): { left: MessageDetail | null; right: MessageDetail | null } {
    const { shown } = this.payloads;
    const of = (id: number | undefined, ...details: (MessageDetail | null | undefined)[]) =>
      details.find((detail) => detail?.row.id === id) ?? null;
    return {
      left: of(row.left?.id, this.left.detail, shown?.details.before),
      right: of(row.right?.id, this.right.detail, shown?.details.after),
    };
  }
}

/** The number of a message that can be read. */
function stored(message: SidesMessage | null | undefined): number | null {
  return message?.content ? message.id : null;
}
