/** The pane of subscriptions: what it says of each, what it asks the engine for, and what it warns of before. */
import { flushSync, mount, tick, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { ConnackInfo, Subscription, SubscriptionState } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { historyOf } from '$src/state/histories';
import { unmade } from '$src/state/subscription';

import {
  connackOf,
  MemoryEngine,
  profileOf,
  snapshotOf,
  subscriptionOf,
} from '../../../tests/memory';
import SubscriptionsPane from './SubscriptionsPane.svelte';

let engine: MemoryEngine;
let pane: Record<string, unknown> | undefined;

const FULL = subscriptionOf('plant/+/t', 1, {
  name: 'Telemetry',
  colour: 'teal',
  no_local: true,
  retain_as_published: true,
  retain_handling: 'do_not_send',
  identifier: 7,
  user_properties: [{ name: 'a', value: 'b' }],
});

async function open(subscriptions: SubscriptionState[], connack: Partial<ConnackInfo> | null = {}) {
  const profile = profileOf('p', {
    name: 'Lab',
    subscriptions: subscriptions.map(({ wanted }) => wanted),
  });
  engine.profiles = [profile];
  await app.start();
  const state = connack && {
    state: 'connected' as const,
    since_ms: 0,
    took_ms: 1,
    address: '127.0.0.1:1883',
    tls: null,
    connack: connackOf(connack),
  };
  engine.set(snapshotOf('p', state ?? { state: 'disconnected' }, { subscriptions }));
  pane = mount(SubscriptionsPane, { target: document.body, props: { profile } });
  flushSync();
}

beforeEach(() => {
  engine = new MemoryEngine();
  useBackend(engine);
});

afterEach(async () => {
  if (pane) await unmount(pane);
  pane = undefined;
});

const all = (testid: string) => [
  ...document.querySelectorAll<HTMLElement>(`[data-testid=${testid}]`),
];
const texts = (testid: string) => all(testid).map((each) => each.textContent.trim());
const one = <T extends HTMLElement = HTMLElement>(testid: string): T => {
  const [found] = all(testid);
  if (!found) throw new Error(`there is no ${testid}`);
  return found as T;
};

async function click(testid: string) {
  one(testid).click();
  flushSync();
  await tick();
}

function type(testid: string, text: string) {
  const field = one<HTMLInputElement>(testid);
  field.value = text;
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  flushSync();
}

function press(testid: string, key: string) {
  const keys = { key, bubbles: true, cancelable: true };
  one(testid).dispatchEvent(new KeyboardEvent('keydown', keys));
  flushSync();
}

/** What the engine was asked for last under a name. */
const asked = (name: string) => engine.calls.filter((call) => call.name === name).at(-1)?.args;
const settle = () => new Promise((resolve) => setTimeout(resolve));

test('a row tells name, filter, answer, the words of the broker, counters and options', async () => {
  const refused = { ...unmade(subscriptionOf('$SYS/#')), state: 'refused' as const, reason: 0x87 };
  await open([
    {
      ...unmade(FULL),
      state: 'granted',
      granted: 0,
      reason_string: 'QoS 0 only',
      received: 1_204,
      received_per_second: 12,
    },
    { ...refused, reason_string: 'not\nfor you' },
  ]);
  expect(texts('subscription-name')).toEqual(['Telemetry']);
  expect(texts('subscription-filter')).toEqual(['plant/+/t', '$SYS/#']);
  expect(texts('subscription-state')).toEqual([
    'QoS 1 · granted only 0',
    'QoS 0 · refused: Not authorized (0x87)',
  ]);
  expect(texts('subscription-said')).toEqual(['“QoS 0 only”', '“not↵for you”']);
  expect(texts('subscription-received')).toEqual(['1,204']);
  expect(texts('subscription-rate')).toEqual(['12/s']);
  expect(texts('subscription-badge')).toEqual(['NL', 'RAP', 'RH 2', 'id 7', 'UP 1']);
});

test('Enter subscribes to all lines at once, and a filter that is there keeps what was said of it', async () => {
  await open([unmade(FULL)]);
  type('subscribe-filter', 'lab/#\n\nplant/+/t\nlab/#');
  press('subscribe-filter', 'Enter');
  await settle();
  expect(asked('session_subscribe')).toEqual({
    profile: 'p',
    subscriptions: [subscriptionOf('lab/#'), { ...FULL, qos: 0 }],
    instead_of: null,
  });
  expect(one<HTMLTextAreaElement>('subscribe-filter').value).toBe('');
});

test('a line that is no filter is named and nothing is sent', async () => {
  await open([]);
  type('subscribe-filter', 'lab/#\nlab#');
  expect(texts('subscribe-problem')[0]).toContain('lab#');
  press('subscribe-filter', 'Enter');
  await settle();
  expect(asked('session_subscribe')).toBeUndefined();
});

test.each<[Partial<ConnackInfo>, string, boolean]>([
  [{ shared_available: false }, '$share/g/a', true],
  [{ shared_available: false }, 'a/#', false],
  [{ wildcard_available: false }, 'a/#', true],
  [{ wildcard_available: true }, 'a/#', false],
  [{}, '$share/g/a/#', false],
])('with %j the filter %s is warned of: %s', async (connack, filter, warned) => {
  await open([], connack);
  type('subscribe-filter', filter);
  expect(all('subscribe-forbidden')).toHaveLength(warned ? 1 : 0);
  expect(one<HTMLButtonElement>('subscribe-add').disabled).toBe(false);
});

test('the switch keeps a subscription with everything that was said of it', async () => {
  await open([unmade(FULL)], null);
  await click('subscription-switch');
  expect(asked('session_subscribe')).toEqual({
    profile: 'p',
    subscriptions: [{ ...FULL, enabled: false }],
    instead_of: 'plant/+/t',
  });
});

test('a subscription that was removed comes back whole', async () => {
  await open([unmade(FULL)]);
  press('subscription-title', 'Delete');
  await settle();
  expect(asked('session_unsubscribe')).toEqual({ profile: 'p', filters: ['plant/+/t'] });
  await click('subscription-undo');
  expect(asked('session_subscribe')).toEqual({
    profile: 'p',
    subscriptions: [FULL],
    instead_of: null,
  });
});

test('a click on the title shows only its messages, a second one all of them', async () => {
  await open([unmade(subscriptionOf('$share/g/plant/#'))]);
  await click('subscription-title');
  await settle();
  expect(historyOf('p').filter).toMatchObject({ topics: ['plant/#'], direction: 'received' });
  flushSync();
  expect(one('subscription-title').getAttribute('aria-pressed')).toBe('true');
  await click('subscription-title');
  await settle();
  expect(historyOf('p').filter).toBeNull();
});

test('the dialog edits all of it while not connected, under another filter', async () => {
  await open([unmade(subscriptionOf('a')), unmade(subscriptionOf('b', 1))], null);
  await click('subscription-edit');
  type('subscription-dialog-filter', 'a/#');
  type('subscription-dialog-name', 'All of a');
  type('subscription-dialog-identifier', '12x');
  await click('subscription-dialog-no-local');
  await click('subscription-dialog-save');
  await settle();
  const wanted: Subscription = subscriptionOf('a/#', 0, {
    name: 'All of a',
    identifier: 12,
    no_local: true,
  });
  expect(asked('session_subscribe')).toEqual({
    profile: 'p',
    subscriptions: [wanted],
    instead_of: 'a',
  });
  flushSync();
  expect(all('subscription-dialog')).toEqual([]);
});

test('what the engine finds wrong stands at its field and keeps the dialog open', async () => {
  engine.judge = ({ subscriptions }) =>
    subscriptions.flatMap(({ identifier }, index) =>
      identifier === 0
        ? {
            field: `subscriptions.${index}.identifier`,
            weight: 'error',
            code: 'out_of_range',
            limit: '1..268435455',
            source: 'MQTT 5.0, 3.8.2.1.2',
            reason: null,
          }
        : [],
    );
  await open([unmade(subscriptionOf('b')), unmade(subscriptionOf('a'))]);
  all('subscription-edit')[1]?.click();
  flushSync();
  type('subscription-dialog-identifier', '0');
  await click('subscription-dialog-save');
  await settle();
  flushSync();
  expect(texts('subscription-dialog-identifier-problem')[0]).toContain('268,435,455');
  expect(asked('session_subscribe')).toBeUndefined();
});
