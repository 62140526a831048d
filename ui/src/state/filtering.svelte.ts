/**
 * The filter bar of one profile: the text, what it means, and the filters that were used before or kept.
 *
 * The text is the truth that a person edits; the form beside it reads it and writes it again. Only a text without a
 * mistake is applied, and what was shown stays until then. Where something else narrows what is shown, the text follows.
 */
import { toUserError } from '$src/backend';
import type { SavedFilter, UserError, ViewFilter } from '$src/bindings/engine';
import {
  isEverything,
  noConditions,
  sameConditions,
  type Conditions,
  type Mistake,
  type Parsed,
  type Piece,
} from '$src/lib/filter';
import { formatFilter } from '$src/lib/filter-format';
import { parseFilter } from '$src/lib/filter-parse';

import type { Settings } from './settings.svelte';

/** How many filters are remembered. */
const RECENT = 20;

/** What the engine refused, and where that stands in the text, where that can be told. */
export interface Refusal {
  error: UserError;
  piece: Piece | null;
}

/** What is filtered: a history, or two that are compared. */
export interface Filtered {
  /** The conditions of what is shown; null while everything is. */
  readonly filter: ViewFilter | null;
  /** Why what was asked to be shown last is not shown. */
  refused: UserError | null;
  /** Never rejects. */
  show(filter: ViewFilter | null): Promise<void>;
}

export class Filtering {
  readonly #history: Filtered;
  readonly #settings: Settings;
  readonly #subscriptions: () => string[];
  /** Microseconds since the Unix epoch. */
  readonly #now: () => number;

  text = $state('');
  /** The mistake that is explained: not before the person wanted the text applied. */
  mistake = $state.raw<Mistake | null>(null);
  /** Why the filters could not be kept. */
  error = $state.raw<UserError | null>(null);
  /** How often the field was asked for; who shows it watches for the change. */
  focuses = $state(0);
  /** Where the conditions stand in the text that was applied last. */
  #pieces: Piece[] = [];
  /** What the bar asked to be shown last; undefined where something else did. */
  #asked: ViewFilter | null | undefined;
  /** What was shown when the text was last brought in step. */
  #seen: ViewFilter | null = null;
  /** The last text without a mistake, as conditions. */
  #sound: Conditions = noConditions();

  /** What the text says; of a text with a mistake, what it said before. */
  readonly draft: Conditions = $derived.by(() => {
    const parsed = this.#read();
    if (parsed.ok) this.#sound = parsed.conditions;
    return this.#sound;
  });

  /** Whether a filter is applied. */
  get isShown(): boolean {
    return this.#history.filter !== null;
  }

  /** Whether the text says something else than what is shown. */
  get isEdited(): boolean {
    return this.text.trim() !== this.#said.trim();
  }

  /** The text that was applied: `last:15m` means another moment each time that it is read. */
  #said = $state('');

  /** Why the engine does not show what was asked for last. */
  readonly refusal: Refusal | null = $derived.by(() => {
    const error = this.#history.refused;
    if (!error) return null;
    const piece = this.#pieces.find(({ value }) => value === error.details['value']);
    return { error, piece: piece ?? null };
  });

  constructor(
    history: Filtered,
    settings: Settings,
    subscriptions: () => string[],
    now: () => number = () => Date.now() * 1_000,
  ) {
    this.#history = history;
    this.#settings = settings;
    this.#subscriptions = subscriptions;
    this.#now = now;
  }

  get recent(): ViewFilter[] {
    return this.#settings.saved.recent_filters;
  }
  get saved(): SavedFilter[] {
    return this.#settings.saved.saved_filters;
  }
  get subscriptions(): string[] {
    return this.#subscriptions();
  }

  /** Asks for the field to be focused. */
  focus(): void {
    this.focuses += 1;
  }

  /** Takes in what the person types. A mistake that is explained is judged anew with each key. */
  type(text: string): void {
    this.text = text;
    if (!this.mistake) return;
    const parsed = this.#read();
    this.mistake = parsed.ok ? null : parsed.mistake;
  }

  /** Shows what the text says. Without effect on what is shown where it has a mistake; answers whether it was applied. */
  async apply(): Promise<boolean> {
    const parsed = this.#read();
    this.mistake = parsed.ok ? null : parsed.mistake;
    if (!parsed.ok) return false;
    this.#pieces = parsed.pieces;
    return this.#show(isEverything(parsed.conditions) ? null : parsed.conditions);
  }

  /** Writes conditions as text, without showing what meets them. */
  write(conditions: Conditions): void {
    this.text = formatFilter(conditions);
    this.mistake = null;
  }

  /** Shows what meets conditions, and writes them as text. */
  use(conditions: Conditions): Promise<boolean> {
    this.write(conditions);
    return this.apply();
  }

  /** Writes what is shown again, in place of what was typed and not applied. */
  revert(): void {
    this.text = this.#said;
    this.mistake = null;
    this.#history.refused = null;
  }

  clear(): Promise<boolean> {
    return this.use(noConditions());
  }

  /** Brings the text in step with what is shown, where something else than the bar has changed it. */
  follow(): void {
    const { filter } = this.#history;
    if (filter === this.#seen) return;
    this.#seen = filter;
    if (filter === this.#asked) return;
    this.#asked = undefined;
    this.write(filter ?? noConditions());
    this.#said = this.text;
  }

  /** Keeps the filter that is shown under a name; another one of that name goes. */
  keep(name: string): Promise<void> {
    const { filter } = this.#history;
    if (!filter || name === '') return Promise.resolve();
    const others = this.saved.filter((each) => each.name !== name);
    return this.#change({ saved_filters: [...others, { name, filter }] });
  }

  rename(name: string, other: string): Promise<void> {
    if (other === '' || other === name) return Promise.resolve();
    const rest = this.saved.filter((each) => each.name !== other);
    const saved_filters = rest.map((each) =>
      each.name === name ? { ...each, name: other } : each,
    );
    return this.#change({ saved_filters });
  }

  remove(name: string): Promise<void> {
    return this.#change({ saved_filters: this.saved.filter((each) => each.name !== name) });
  }

  forgetRecent(): Promise<void> {
    return this.#change({ recent_filters: [] });
  }

  async #show(filter: ViewFilter | null): Promise<boolean> {
    const { text } = this;
    this.#asked = filter;
    await this.#history.show(filter);
    if (!sameConditions(this.#history.filter, filter)) return false;
    this.#said = text;
    if (filter) await this.#remember(filter);
    return true;
  }

  async #remember(filter: ViewFilter): Promise<void> {
    const others = this.recent.filter((each) => !sameConditions(each, filter));
    await this.#change({ recent_filters: [filter, ...others].slice(0, RECENT) });
  }

  async #change(part: Parameters<Settings['change']>[0]): Promise<void> {
    try {
      await this.#settings.change(part);
      this.error = null;
    } catch (error) {
      this.error = toUserError(error);
    }
  }

  #read(): Parsed {
    const around = { now_us: this.#now(), subscriptions: this.#subscriptions() };
    return parseFilter(this.text, around);
  }
}
