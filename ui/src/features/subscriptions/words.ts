/** The state of a subscription in words. */
import type { SubscriptionState } from '$src/bindings/engine';
import { reasonText } from '$src/features/messages/words';
import { m } from '$src/i18n';
import { oneLine } from '$src/lib/visible';

export type Tone = 'quiet' | 'good' | 'warn' | 'bad';

/** What became of a subscription; a lower QoS than asked for is a warning. */
export function stateWords(subscription: SubscriptionState): {
  text: string;
  tone: Tone;
  /** More, for a tooltip. */
  title?: string;
} {
  switch (subscription.state) {
    case 'off':
      return { text: m.subscriptions_off(), tone: 'quiet', title: m.subscriptions_off_title() };
    case 'waiting':
      return {
        text: m.subscriptions_waiting(),
        tone: 'quiet',
        title: m.subscriptions_waiting_title(),
      };
    case 'pending':
      return {
        text: m.subscriptions_pending(),
        tone: 'quiet',
        title: m.subscriptions_pending_title(),
      };
    case 'granted':
      return subscription.granted < subscription.wanted.qos
        ? { text: m.subscriptions_granted_lower({ qos: subscription.granted }), tone: 'warn' }
        : { text: m.subscriptions_granted({ qos: subscription.granted }), tone: 'good' };
    case 'refused':
      return {
        text: m.subscriptions_refused({ reason: reasonText(subscription.reason) }),
        tone: 'bad',
      };
  }
}

/** The broker's own words about a subscription, on one line; null where it said none. */
export function brokerWords({ state, reason_string }: SubscriptionState): string | null {
  const answered = state === 'granted' || state === 'refused';
  if (!answered || !reason_string) return null;
  return m.subscriptions_said({ words: oneLine(reason_string) });
}

/** What a subscription is called in the window: its name, else its filter. */
export function titleOf({ wanted }: SubscriptionState): string {
  return oneLine(wanted.name || wanted.filter);
}
