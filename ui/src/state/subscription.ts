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

/** Whether it asks for something that only MQTT 5 has. */
export function usesVersion5(wanted: Subscription): boolean {
  return (
    wanted.no_local ||
    wanted.retain_as_published ||
    wanted.retain_handling !== 'send' ||
    wanted.identifier !== null ||
    wanted.user_properties.length > 0
  );
}

/** Whether it says anything besides filter and QoS. */
export function hasOptions(wanted: Subscription): boolean {
  return wanted.name !== '' || wanted.colour !== null || !wanted.enabled || usesVersion5(wanted);
}

/** The group of a shared subscription. */
export function groupOf(filter: string): string | null {
  return filter.startsWith('$share/') ? (filter.split('/')[1] ?? '') : null;
}
