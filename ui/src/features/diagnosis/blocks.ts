/**
 * The shapes that evidence is told in: facts, tables, text, certificates.
 *
 * Labels and titles are ours and in the window's language. Values that were seen may be strangers' text and are marked
 * so: whoever writes a block masks and escapes them in its own way.
 */
import type { CertificateFacts } from '$src/bindings/engine';
import { m } from '$src/i18n';

import type { Tone } from './words';

/** A cell of words of ours, or of what was seen (shown in the monospace font). */
export type Cell = { text: string; seen?: boolean; tone?: Tone };

export interface Fact {
  name: string;
  value: Cell;
  /** Whether the name is a stranger's too: a header's, a property's. */
  nameSeen?: boolean;
}

export type Block =
  | { kind: 'facts'; title: string; facts: Fact[] }
  | { kind: 'table'; title: string; columns: string[]; rows: Cell[][] }
  | { kind: 'text'; title: string; text: string; note: string }
  | { kind: 'certificates'; title: string; certificates: CertificateFacts[]; own: boolean };

export const seen = (text: string): Cell => ({ text, seen: true });
export const ours = (text: string, tone?: Tone): Cell => (tone ? { text, tone } : { text });
export const fact = (name: string, value: Cell): Fact => ({ name, value });

/** The facts that are there. */
export function present(facts: readonly (Fact | null | false)[]): Fact[] {
  return facts.filter((each): each is Fact => Boolean(each));
}

export function yesNo(yes: boolean): string {
  return yes ? m.connection_yes() : m.connection_no();
}
