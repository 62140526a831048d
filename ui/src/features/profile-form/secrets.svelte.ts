/**
 * What is to happen to a profile's secrets on saving. A stored secret never comes to the window, so all that is
 * known of it is its name; it stays unless something is said here.
 *
 * A place is a slot of the profile, or a row of the WebSocket headers: a header's slot is made of its name, which
 * changes with every key, and two rows may have the same name while they are typed.
 */
import { SvelteMap } from 'svelte/reactivity';

import type { SecretEdit, SecretName, SecretSlot } from '$src/bindings/engine';

export type Place = SecretSlot | `row:${number}`;
export type Change = 'keep' | 'set' | 'clear';

/** A place that the profile has as it stands, and what its value is made of there. */
export interface UsedPlace {
  place: Place;
  slot: SecretSlot;
  /** Turns what was typed into what is kept; undefined where it cannot be. */
  kept?: (typed: string) => string | undefined;
}

export class SecretEdits {
  readonly #names = new SvelteMap<Place, SecretName>();
  readonly #edits = new SvelteMap<Place, string | null>();

  /** Takes note of what is stored in a place. */
  remember(place: Place, name: SecretName | null): void {
    if (name === null) this.#names.delete(place);
    else this.#names.set(place, name);
  }

  /** The stored secret's name, for the profile. */
  nameIn(place: Place): SecretName | null {
    return this.#names.get(place) ?? null;
  }

  isStored(place: Place): boolean {
    return this.#names.has(place);
  }

  change(place: Place): Change {
    const edit = this.#edits.get(place);
    if (edit === undefined) return 'keep';
    return edit === null ? 'clear' : 'set';
  }

  typed(place: Place): string {
    return this.#edits.get(place) ?? '';
  }

  /** An empty value replaces a stored one; where none is stored it is no secret at all. */
  set(place: Place, value: string): void {
    if (value === '' && !this.isStored(place)) this.#edits.delete(place);
    else this.#edits.set(place, value);
  }

  clear(place: Place): void {
    this.#edits.set(place, null);
  }

  keep(place: Place): void {
    this.#edits.delete(place);
  }

  /** Nothing is known of the place any more: its row was removed. */
  drop(place: Place): void {
    this.#names.delete(place);
    this.#edits.delete(place);
  }

  /** The edits of the places that the profile has; what was typed elsewhere waits. */
  for(places: readonly UsedPlace[]): SecretEdit[] {
    return places.flatMap(({ place, slot, kept = (typed) => typed }) => {
      const edit = this.#edits.get(place);
      if (edit === undefined) return [];
      const value = edit === null ? null : kept(edit);
      return value === undefined ? [] : [{ slot, value }];
    });
  }
}
