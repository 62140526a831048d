/** What is on its way, and the broker's breach of our Receive Maximum. */

import { mount, unmount } from 'svelte';
import { afterEach, expect, it } from 'vitest';

import { snapshotOf } from '../../../tests/nouns';
import FlightFacts from './FlightFacts.svelte';

let mounted: Record<string, unknown> | undefined;

const shown = (received_most: number) => {
  const session = snapshotOf('a');
  const in_flight = { ...session.in_flight, received: 2, received_limit: 10, received_most };
  mounted = mount(FlightFacts, {
    target: document.body,
    props: { session: { ...session, in_flight } },
  });
  return (id: string) =>
    document.querySelector(`[data-testid=session-flight-${id}]`)?.textContent ?? null;
};

afterEach(async () => {
  if (mounted) await unmount(mounted);
  document.body.replaceChildren();
});

it('tells how many there were at once where the broker sent more than it may', () => {
  const figure = shown(1_388);
  expect([figure('received'), figure('most')]).toEqual(['2 of 10', '1,388 of 10']);
  expect(document.body.textContent).toContain('[MQTT-3.3.4-9]');
});

it('says nothing of it where the broker kept to it', () => {
  const figure = shown(10);
  expect([figure('received'), figure('most')]).toEqual(['2 of 10', null]);
});
