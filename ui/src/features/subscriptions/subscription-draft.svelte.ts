/**
 * Subscriptions while they are edited: one that is there, or some that are new. The engine judges them as a part of the
 * profile, so that its rules stand in one place.
 */
import { call, toUserError } from '$src/backend';
import type { Problem, Profile, Subscription, UserError } from '$src/bindings/engine';
import { Verdicts, type Judged, type Says } from '$src/features/profile-form/verdicts.svelte';
import { m } from '$src/i18n';
import { problemText } from '$src/i18n/problems';
import { oneLine } from '$src/lib/visible';
import { Latest } from '$src/state/latest';

import { filtersOf } from './filters';

export class SubscriptionDraft implements Judged {
  /** The filter of the one that is edited; null where new ones are made. */
  readonly original: string | null;
  /** What the new ones have in common; its own filter does not count. */
  wanted = $state() as Subscription;
  /** The filters, one on each line. */
  text = $state('');
  busy = $state(false);
  error = $state.raw<UserError | null>(null);

  readonly #profile: Profile;
  readonly #others: Subscription[];
  readonly #verdicts = new Verdicts(false, () => []);
  #problems = $state.raw<Problem[]>([]);
  readonly #judging = new Latest();

  /** `there` are the profile's subscriptions. */
  constructor(
    profile: Profile,
    there: readonly Subscription[],
    start: Subscription,
    original: string | null,
  ) {
    this.#profile = profile;
    this.original = original;
    this.wanted = structuredClone(start);
    this.text = start.filter;
    // A new one whose filter is there already changes that one, which is no mistake.
    this.#others = original === null ? [] : there.filter(({ filter }) => filter !== original);
  }

  get version() {
    return this.#profile.version;
  }

  /** The path at which the engine's problems name the first one. */
  get field(): string {
    return `subscriptions.${this.#others.length}`;
  }

  get filters(): string[] {
    return this.original === null ? filtersOf(this.text) : [this.text];
  }

  get made(): Subscription[] {
    const wanted = $state.snapshot(this.wanted) as Subscription;
    const { filters } = this;
    const name = filters.length > 1 ? '' : wanted.name.trim();
    return filters.map((filter) => ({ ...wanted, filter, name }));
  }

  get hasErrors(): boolean {
    return this.filters.length === 0 || this.#problems.some(({ weight }) => weight === 'error');
  }

  /** What is wrong with a filter; where there are several, which one it is. */
  get filterSays(): Says {
    const { filters } = this;
    for (const [index, filter] of filters.entries()) {
      const found = this.#problems.find(({ field }) => field === `${this.#at(index)}.filter`);
      if (!found || filter === '') continue;
      const problem = problemText(found);
      const tone = found.weight === 'error' ? 'bad' : 'warn';
      return filters.length === 1
        ? { problem, tone }
        : { problem: m.subscriptions_line_problem({ filter: oneLine(filter), problem }), tone };
    }
    return {};
  }

  say(field: string, only?: boolean): Says {
    return this.#verdicts.say(field, only);
  }

  touch(field: string): void {
    this.#verdicts.touch(field);
  }

  /** Has the engine judge it as it stands. */
  async judge(): Promise<void> {
    await this.#judging.run(async (isLast) => {
      const profile = { ...this.#profile, subscriptions: [...this.#others, ...this.made] };
      try {
        const found = await call('profile_check', { profile, secrets: [] });
        if (!isLast()) return;
        const ours = this.made.map((_, index) => this.#at(index));
        this.#problems = found.filter(({ field }) =>
          ours.some((place) => field.startsWith(`${place}.`)),
        );
        this.#verdicts.judged(this.#problems);
      } catch (error) {
        if (isLast()) this.error = toUserError(error);
      }
    });
  }

  /** Saves it, and makes it where the session is connected; answers whether that was taken. */
  async save(): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    this.error = null;
    this.#verdicts.showAll();
    try {
      await this.judge();
      if (this.hasErrors) return false;
      const args = {
        profile: this.#profile.id,
        subscriptions: this.made,
        instead_of: this.original,
      };
      await call('session_subscribe', args);
      return true;
    } catch (error) {
      this.error = toUserError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #at(index: number): string {
    return `subscriptions.${this.#others.length + index}`;
  }
}
