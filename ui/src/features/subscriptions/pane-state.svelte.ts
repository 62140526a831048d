/**
 * What the pane of a profile's subscriptions does. What is said of one is sent whole, so that nothing of it is lost by a
 * change of one thing.
 */
import { call, copyText, toUserError } from '$src/backend';
import type {
  ConnackInfo,
  Profile,
  ProfileId,
  QoS,
  Subscription,
  SubscriptionState,
  UserError,
} from '$src/bindings/engine';
import { noConditions, sameConditions, topicsOf, type Conditions } from '$src/lib/filter';
import { app } from '$src/state/app.svelte';
import { filteringOf } from '$src/state/filterings';
import { historyOf } from '$src/state/histories';
import { newSubscription, unmade } from '$src/state/subscription';

import { SubscriptionDraft } from './subscription-draft.svelte';

export class PaneState {
  /** The filter whose change is under way. */
  busy = $state<string | null>(null);
  error = $state.raw<UserError | null>(null);
  /** The open dialog. */
  editing = $state.raw<{ draft: SubscriptionDraft; done: (saved: boolean) => void } | null>(null);

  readonly #profile: () => Profile;
  #removed = $state.raw<{ profile: ProfileId; wanted: Subscription } | null>(null);

  constructor(profile: () => Profile) {
    this.#profile = profile;
  }

  get profile(): Profile {
    return this.#profile();
  }

  /** What the broker said, while connected. */
  get connack(): ConnackInfo | null {
    const state = app.sessions.state(this.profile.id);
    return state.state === 'connected' ? state.connack : null;
  }

  /** Before its first session a profile has no snapshot: what is saved then waits to be made. */
  get all(): SubscriptionState[] {
    const { id, subscriptions } = this.profile;
    return app.sessions.of(id)?.subscriptions ?? subscriptions.map(unmade);
  }

  /** What can be taken back. */
  get removed(): Subscription | null {
    return this.#removed?.profile === this.profile.id ? this.#removed.wanted : null;
  }

  byFilter(filter: string): SubscriptionState | undefined {
    return this.all.find(({ wanted }) => wanted.filter === filter);
  }

  /** Makes subscriptions; of one that is there only the QoS changes. */
  add(filters: string[], qos: QoS): Promise<boolean> {
    const wanted = filters.map((filter) => {
      const there = this.byFilter(filter)?.wanted;
      return there ? { ...there, qos, enabled: true } : newSubscription(filter, qos);
    });
    return this.#subscribe(wanted, null);
  }

  async change({ wanted }: SubscriptionState, part: Partial<Subscription>): Promise<void> {
    this.busy = wanted.filter;
    await this.#subscribe([{ ...wanted, ...part }], wanted.filter);
    this.busy = null;
  }

  async remove({ wanted }: SubscriptionState): Promise<void> {
    this.busy = wanted.filter;
    const { id: profile } = this.profile;
    const args = { profile, filters: [wanted.filter] };
    const done = await this.#attempt(() => call('session_unsubscribe', args));
    if (done) this.#removed = { profile, wanted };
    this.busy = null;
  }

  async undo(): Promise<void> {
    const { removed } = this;
    if (removed && (await this.#subscribe([removed], null))) this.#removed = null;
  }

  forgetRemoved(): void {
    this.#removed = null;
  }

  copy({ wanted }: SubscriptionState): Promise<boolean> {
    return this.#attempt(() => copyText(wanted.filter));
  }

  edit({ wanted }: SubscriptionState): void {
    void this.#open(wanted, wanted.filter);
  }

  /** Asks for everything that can be said of new ones; answers whether they were made. */
  addWithOptions(text: string, qos: QoS): Promise<boolean> {
    return this.#open(newSubscription(text, qos), null);
  }

  /** Whether the list shows just the messages of this one. */
  isFiltered(subscription: SubscriptionState): boolean {
    return sameConditions(historyOf(this.profile.id).filter, conditionsOf(subscription));
  }

  /** Shows just its messages in the list, or all of them again. */
  filterBy(subscription: SubscriptionState): void {
    const filtering = filteringOf(this.profile);
    const isShown = this.isFiltered(subscription);
    void (isShown ? filtering.clear() : filtering.use(conditionsOf(subscription)));
  }

  #subscribe(subscriptions: Subscription[], instead_of: string | null): Promise<boolean> {
    const args = { profile: this.profile.id, subscriptions, instead_of };
    return this.#attempt(() => call('session_subscribe', args));
  }

  #open(start: Subscription, original: string | null): Promise<boolean> {
    const there = this.all.map(({ wanted }) => wanted);
    const draft = new SubscriptionDraft(this.profile, there, start, original);
    return new Promise((resolve) => {
      const done = (saved: boolean) => {
        this.editing = null;
        resolve(saved);
      };
      this.editing = { draft, done };
    });
  }

  async #attempt(action: () => Promise<unknown>): Promise<boolean> {
    this.error = null;
    try {
      await action();
      return true;
    } catch (thrown) {
      this.error = toUserError(thrown);
      return false;
    }
  }
}

function conditionsOf({ wanted }: SubscriptionState): Conditions {
  return { ...noConditions(), topics: [topicsOf(wanted.filter)], direction: 'received' };
}
