/** What a subscription asks for besides its QoS, in as few letters as there is room for. */
import type { ProtocolVersion, Subscription } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { oneLine } from '$src/lib/visible';
import { groupOf } from '$src/state/subscription';

export interface BadgeWords {
  text: string;
  title: string;
  /** The profile's version of MQTT does not have it. */
  unsent: boolean;
}

export function badgesOf(wanted: Subscription, version: ProtocolVersion): BadgeWords[] {
  const badges: BadgeWords[] = [];
  const add = (text: string, title: string) => badges.push({ text, title, unsent: false });
  /** What only MQTT 5 has. */
  const add5 = (text: string, title: string) => {
    const unsent = version !== '5.0';
    const says = unsent ? `${title}. ${m.subscriptions_badge_unsent({ version })}` : title;
    badges.push({ text, title: says, unsent });
  };
  const group = groupOf(wanted.filter);
  if (group !== null) {
    const shown = oneLine(group);
    add(`$share/${shown}`, m.subscriptions_badge_shared({ group: shown }));
  }
  if (wanted.no_local) add5('NL', m.subscriptions_badge_no_local());
  if (wanted.retain_as_published) add5('RAP', m.subscriptions_badge_as_published());
  if (wanted.retain_handling === 'send_if_new') add5('RH 1', m.subscriptions_badge_if_new());
  if (wanted.retain_handling === 'do_not_send') add5('RH 2', m.subscriptions_badge_never());
  if (wanted.identifier !== null) {
    const id = String(wanted.identifier);
    add5(`id ${id}`, m.subscriptions_badge_identifier({ id }));
  }
  const count = wanted.user_properties.length;
  if (count > 0) add5(`UP ${count}`, m.subscriptions_badge_properties({ count: String(count) }));
  return badges;
}
