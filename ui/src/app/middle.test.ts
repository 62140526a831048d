/** The middle of a session shows messages or packets, and the right the chosen one of them; the choice is the window's. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import { app } from '$src/state/app.svelte';
import { timelineOf } from '$src/state/packets-of';

import { MemoryEngine, profileOf } from '../../tests/memory';
import { detailOf, PACKET } from '../../tests/packet-bytes';
import ProfileView from './ProfileView.svelte';

let engine: MemoryEngine;
let mounted: object;

const byId = (testid: string) => document.querySelector<HTMLElement>(`[data-testid="${testid}"]`);

const settle = async () => {
  for (let turn = 0; turn < 60; turn += 1) {
    await Promise.resolve();
    flushSync();
  }
};

async function click(testid: string) {
  byId(testid)?.click();
  await settle();
}

const asked = (name: string) => engine.calls.filter((call) => call.name === name).length;

beforeEach(async () => {
  engine = new MemoryEngine();
  const profile = profileOf('middle', { name: 'plant' });
  engine.profiles = [profile];
  engine.packets.rows = [{ ...PACKET }];
  engine.packets.details.set(1, detailOf(PACKET, []));
  useBackend(engine);
  await app.start();
  mounted = mount(ProfileView, { target: document.body, props: { profile } });
  await settle();
});

afterEach(() => unmount(mounted));

test('one or the other is shown, the switch keeps the focus, and what is not shown is not asked for', async () => {
  expect(byId('messages')).not.toBeNull();
  expect(asked('packets_state') + asked('packets_page') + asked('packets_pings')).toBe(0);
  await click('middle-packets');
  expect(byId('packets')).not.toBeNull();
  expect(byId('messages')).toBeNull();
  expect(document.activeElement).toBe(byId('middle-messages'));
  expect(app.settings.saved.layout['middle']).toBe(1);
  const pages = asked('history_page');
  engine.tellHistory('middle');
  await settle();
  expect(asked('history_page')).toBe(pages);

  await click('middle-messages');
  expect(byId('packets')).toBeNull();
  expect(document.activeElement).toBe(byId('middle-packets'));
  const packets = asked('packets_page');
  engine.packets.changed('middle');
  await settle();
  expect(asked('packets_page')).toBe(packets);
});

test('the chosen packet stands in the place of the inspector, and Esc puts it away', async () => {
  await click('middle-packets');
  const timeline = timelineOf('middle');
  timeline.resize(240);
  await settle();
  timeline.choose(0);
  await settle();
  expect(byId('packet')?.dataset['packet']).toBe('1');
  expect(byId('inspector')).toBeNull();
  window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', cancelable: true }));
  await settle();
  expect(timeline.selected).toBeNull();
  expect(byId('packet')).toBeNull();
});
