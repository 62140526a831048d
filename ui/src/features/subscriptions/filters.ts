/** Topic Filters as they are typed or pasted, and what the broker has said that it does not take. */
import type { ConnackInfo } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { groupOf } from '$src/state/subscription';

/** The filters of a text, one on each line, each once. Blanks belong to a filter; empty lines are none. */
export function filtersOf(text: string): string[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return [...new Set(lines)];
}

/** What a CONNACK forbids of a subscription (MQTT 5.0, 3.2.2.3.11 to 3.2.2.3.13), in words; null is nothing. */
export function forbidden(
  connack: ConnackInfo | null,
  filters: readonly string[],
  identifier: number | null = null,
): string | null {
  if (!connack) return null;
  const shared = filters.some((filter) => groupOf(filter) !== null);
  const wildcard = filters.some((filter) => /[+#]/.test(filter));
  if (connack.shared_available === false && shared) return m.subscriptions_forbids_shared();
  if (connack.wildcard_available === false && wildcard) return m.subscriptions_forbids_wildcard();
  if (connack.subscription_identifiers_available === false && identifier !== null) {
    return m.subscriptions_forbids_identifier();
  }
  return null;
}
