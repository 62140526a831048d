/**
 * Preview scenes of subscriptions and of the session as the broker sees it: subscriptions, subscriptions-edit,
 * subscriptions-add, subscriptions-menu, subscriptions-off (not connected), subscriptions-311; session-facts,
 * session-facts-311, session-disconnect (the menu), session-disconnect-with (the dialog).
 */
import { tick } from 'svelte';

import type { SubscriptionState } from '$src/bindings/engine';
import { unmade } from '$src/state/subscription';

import { connackOf, connectOf, subscriptionOf, type MemoryEngine } from './memory';

const granted = (granted: 0 | 1 | 2) => ({ state: 'granted' as const, granted });

function subscriptions(): SubscriptionState[] {
  const telemetry = subscriptionOf('plant-a/+/telemetry', 1, {
    name: 'Telemetry',
    colour: 'teal',
    identifier: 7,
    retain_as_published: true,
  });
  const shared = subscriptionOf('$share/workers/plant-a/cmd/#', 2, {
    retain_handling: 'do_not_send',
    user_properties: [{ name: 'site', value: 'north' }],
  });
  const own = subscriptionOf('plant-a/s1/cmd', 2, { no_local: true, colour: 'orange' });
  const refused = subscriptionOf('$SYS/#');
  const off = subscriptionOf('plant-b/very/long/topic/filter/that/has/no/room/#', 0, {
    enabled: false,
    retain_handling: 'send_if_new',
  });
  return [
    { ...unmade(telemetry), ...granted(1), received: 1_204, received_per_second: 1_204 },
    { ...unmade(shared), ...granted(1), received: 12 },
    { ...unmade(own), ...granted(2) },
    {
      ...unmade(refused),
      state: 'refused',
      reason: 0x87,
      reason_string: 'no read access to $SYS for "gateway"',
    },
    unmade(off),
  ];
}

const CONNACK = connackOf({
  session_present: true,
  assigned_client_id: 'auto-5B0C8F0E-6C39-4A4D',
  keep_alive: 30,
  keep_alive_is_the_servers: true,
  session_expiry: 3_600,
  maximum_qos: 1,
  retain_available: true,
  maximum_packet_size: 1_048_576,
  receive_maximum: 32,
  topic_alias_maximum: 10,
  wildcard_available: true,
  shared_available: false,
  subscription_identifiers_available: true,
  response_information: 'reply/gateway-07/',
  reason_string: 'welcome back',
  server_reference: 'gw2.plant-a.example:8883',
  user_properties: [{ name: 'region', value: 'eu-central' }],
});

/** Shows the scene, where it is about subscriptions or the session. */
export async function showSubscriptions(engine: MemoryEngine, scene: string): Promise<void> {
  if (!/^(subscriptions|session-)/.test(scene)) return;
  const snapshot = engine.sessions.get('a');
  const [profile] = engine.profiles;
  if (!snapshot || snapshot.state.state !== 'connected' || !profile) return;
  const made = subscriptions();
  const old = scene.endsWith('-311');
  if (old) profile.version = '3.1.1';
  profile.clean_start = false;
  profile.session_expiry = 7_200;
  profile.subscriptions = made.map(({ wanted }) => wanted);
  engine.tell([{ event: 'profiles' }]);
  const offline = scene === 'subscriptions-off';
  engine.set({
    ...snapshot,
    connect: connectOf({
      version: profile.version,
      client_id: profile.client_id,
      clean_start: false,
      session_expiry: old ? null : 7_200,
      receive_maximum: old ? null : 10,
    }),
    state: offline
      ? { state: 'disconnected' }
      : { ...snapshot.state, connack: old ? connackOf({ session_present: true }) : CONNACK },
    subscriptions: offline ? made.map(({ wanted }) => unmade(wanted)) : made,
    in_flight: {
      sent: 3,
      sent_limit: 32,
      sent_waiting: 14,
      received: 1,
      received_limit: 10,
      received_most: 1_388,
    },
    resumed: { sent_again: 2, received_again: 1, received_first: 41 },
  });
  const click = async (testid: string, at = 0) => {
    await tick();
    document.querySelectorAll<HTMLElement>(`[data-testid=${testid}]`)[at]?.click();
    await tick();
  };
  const type = (testid: string, text: string) => {
    const field = document.querySelector<HTMLTextAreaElement>(`[data-testid=${testid}]`);
    if (!field) return;
    field.value = text;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  await new Promise((resolve) => setTimeout(resolve, 50));
  if (scene === 'subscriptions') type('subscribe-filter', 'lab/+/temp\n$share/g1/lab/#');
  if (scene.startsWith('subscriptions-edit')) await click('subscription-edit');
  if (scene === 'subscriptions-311') await click('subscription-edit', 1);
  if (scene === 'subscriptions-off') await click('subscription-remove', 1);
  if (scene === 'subscriptions-add') {
    type('subscribe-filter', 'lab/+/temp\nlab/#/x');
    await tick();
    await click('subscribe-options');
  }
  if (scene === 'subscriptions-menu') {
    const item = document.querySelector('[data-testid=subscription]');
    item?.dispatchEvent(
      new MouseEvent('contextmenu', { bubbles: true, clientX: 480, clientY: 300 }),
    );
  }
  if (scene.startsWith('session-facts')) await click('connection-facts-toggle');
  if (scene.startsWith('session-disconnect')) await click('session-disconnect-menu');
  if (scene.startsWith('session-disconnect-')) await click('session-disconnect-with');
}
