/** The third part of `field-names.ts`: what a subscription can say. A search leads to the first subscription's. */
import { m } from '$src/i18n';

import type { FieldName } from './field-names';

const ADD = 'profile-subscription-add';

function option(
  field: string,
  label: () => string,
  testid: string,
  names: readonly string[],
): FieldName {
  return {
    field: `subscriptions.${field}`,
    label,
    section: m.profile_section_subscriptions,
    testids: [`profile-subscription-${testid}`, ADD],
    names,
  };
}

export const SUBSCRIPTION_FIELDS: readonly FieldName[] = [
  {
    field: 'subscriptions',
    label: m.profile_section_subscriptions,
    section: m.profile_section_subscriptions,
    testids: [ADD],
    names: ['Topic Filter', 'subscriptions', 'resubscribe', 'subscribe', '--topic', '-t', '$share'],
  },
  option('name', m.subscription_name, 'name-0', ['alias', 'subscription name']),
  option('colour', m.subscription_colour, 'colour-0', [
    'subscription color',
    'subscription colour',
  ]),
  option('enabled', m.subscription_enabled, 'enabled-0', ['disabled', 'subscription on', 'off']),
  option('no_local', () => 'No Local', 'no-local-0', ['nl', 'No Local', 'noLocal', '--no-local']),
  option('retain_as_published', () => 'Retain As Published', 'as-published-0', [
    'rap',
    'Retain As Published',
    'retainAsPublished',
    '--retain-as-published',
  ]),
  option('retain_handling', () => 'Retain Handling', 'retain-handling-0', [
    'rh',
    'Retain Handling',
    'retainHandling',
    '--retain-handling',
    '--retained-only',
  ]),
  option('identifier', () => 'Subscription Identifier', 'identifier-0', [
    'Subscription Identifier',
    'subscriptionIdentifier',
    'properties.subscriptionIdentifier',
    '-D subscribe subscription-identifier',
  ]),
  option('user_properties', m.profile_user_properties, 'property-0-add', [
    'SUBSCRIBE User Property',
    'subscribe userProperties',
    '-D subscribe user-property',
  ]),
];
