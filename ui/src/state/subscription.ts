/** Subscriptions as they are before anybody said more of them than their filter. */
import type { QoS, Subscription, SubscriptionState } from '$src/bindings/engine';

/** A subscription that asks for nothing special. */
export function newSubscription(filter: string, qos: QoS): Subscription {
  return {
    filter,
    qos,
    name: '',
    colour: null,
    enabled: true,
    no_local: false,
    retain_as_published: false,
    retain_handling: 'send',
    identifier: null,
    user_properties: [],
  };
}

/** A saved subscription of a profile that never ran. */
export function unmade(wanted: Subscription): SubscriptionState {
  const state = wanted.enabled ? 'waiting' : 'off';
  return { wanted, state, reason_string: null, received: 0, received_per_second: 0 };
}
