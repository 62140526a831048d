/**
 * Two sessions side by side: which they are, which of them has the keys, and what is shown of both.
 *
 * Two panes of the same kind are on the page then, and what listens to the whole window asks here whether it is meant. The
 * pair is remembered as long as the window is open.
 */
import type { ProfileId } from '$src/bindings/engine';

import type { Place } from './app.svelte';
import type { Landing } from './find-place';

export type Side = 'left' | 'right';

/** The place; without a right side, it is still to be chosen. */
export interface SidesPlace {
  at: 'sides';
  left: ProfileId;
  right: ProfileId | null;
}

/** What the place must know of the window. */
export interface Around {
  readonly place: Place;
  go(place: Place): void;
  goHome(): void;
  readonly profiles: { readonly list: readonly { readonly id: ProfileId }[] };
}

export const across = (side: Side): Side => (side === 'left' ? 'right' : 'left');

export class Sides {
  readonly #around: Around;
  /** The side that has the keys: the one that had the focus or the pointer last. */
  focus = $state<Side>('left');
  showing = $state<'messages' | 'comparison'>('messages');
  /** Both sides show what meets one filter. */
  oneFilter = $state(false);
  /** Where the list of a side came to with the other side's time. */
  landing = $state.raw<(Landing & { profile: ProfileId }) | null>(null);
  #last: SidesPlace | null = null;
  #back: Place | null = null;

  constructor(around: Around) {
    this.#around = around;
  }

  /** The place, while it is shown. */
  get place(): SidesPlace | null {
    const { place } = this.#around;
    return place.at === 'sides' ? place : null;
  }

  /** The profiles that are shown. */
  get shown(): ProfileId[] {
    const { place } = this;
    if (!place) return [];
    return place.right === null ? [place.left] : [place.left, place.right];
  }

  /** The profile that has the keys. */
  get focused(): ProfileId | null {
    return this.place?.[this.focus] ?? this.place?.left ?? null;
  }

  /** Whether what a key means for the window is meant for this profile. */
  hasKeys(profile: ProfileId): boolean {
    return this.place === null || this.focused === profile;
  }

  /** The profile beside this one; null where there is none. */
  beside(profile: ProfileId): ProfileId | null {
    const { place } = this;
    if (place?.left === profile) return place.right;
    return place?.right === profile ? place.left : null;
  }

  /** Shows a profile at the left, and beside it another one: the one of before, or the only one that there is. */
  open(left: ProfileId, right: ProfileId | null = this.#partner(left)): void {
    const { place } = this.#around;
    if (place.at !== 'sides') this.#back = place;
    this.focus = right === null ? 'right' : 'left';
    this.#go({ at: 'sides', left, right: right === left ? null : right });
  }

  /** Opens the pair of before; else what is given, or the first profiles that there are. False without any. */
  reopen(from: ProfileId | null): boolean {
    const { list } = this.#around.profiles;
    const last = this.#last;
    const isMeant = from === null || last?.left === from || last?.right === from;
    if (last && isMeant && this.#there(last.left) !== null) {
      this.open(last.left, this.#there(last.right) ?? this.#partner(last.left));
    } else {
      const left = from ?? list[0]?.id;
      if (left === undefined) return false;
      this.open(left);
    }
    return true;
  }

  /** Goes back to where it was opened from. */
  close(): void {
    const back = this.#back;
    this.#back = null;
    if (back && (!('id' in back) || this.#there(back.id) !== null)) this.#around.go(back);
    else this.#around.goHome();
  }

  /** Shows a profile at a side. The one of the other side changes places with it. */
  put(side: Side, profile: ProfileId): void {
    const { place } = this;
    if (!place || place[side] === profile) return;
    if (place[across(side)] === profile) this.swap();
    else this.#go({ ...place, [side]: profile });
  }

  /** Changes the sides; the keys stay with the profile that has them. */
  swap(): void {
    const { place } = this;
    if (!place || place.right === null) return;
    this.focus = across(this.focus);
    this.#go({ at: 'sides', left: place.right, right: place.left });
  }

  /** Profiles are gone: what is left of the place is shown. */
  without(ids: readonly ProfileId[]): void {
    const { shown } = this;
    const left = shown.filter((id) => !ids.includes(id));
    const [id] = left;
    if (left.length === shown.length) return;
    if (id === undefined) this.#around.goHome();
    else this.#around.go({ at: 'profile', id });
  }

  #go(place: SidesPlace): void {
    this.landing = null;
    this.#last = place;
    this.#around.go(place);
  }

  #there(id: ProfileId | null): ProfileId | null {
    return this.#around.profiles.list.some((profile) => profile.id === id) ? id : null;
  }

  #partner(profile: ProfileId): ProfileId | null {
    const last = this.#last;
    const before = last?.left === profile ? last.right : last?.right === profile ? last.left : null;
    const others = this.#around.profiles.list.filter(({ id }) => id !== profile);
    return this.#there(before) ?? (others.length === 1 ? (others[0]?.id ?? null) : null);
  }
}
