/** Presets: what they ask, what they fill in, and that secrets go to the secrets. */
import { beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Profile } from '$src/bindings/engine';

import { MemoryEngine, profileOf } from '../../../tests/memory';
import { Draft } from './draft.svelte';
import { offers, PresetChoice } from './presets.svelte';

let engine: MemoryEngine;
let draft: Draft;
let choice: PresetChoice;

beforeEach(() => open());

async function open(part: Partial<Profile> = {}): Promise<void> {
  engine = new MemoryEngine();
  useBackend(engine);
  draft = new Draft(profileOf('p', part), true);
  choice = new PresetChoice(draft);
  await choice.load();
}

test('a preset asks, and nothing is filled in before all but secrets is answered', () => {
  choice.choose('ucloud-uiot');
  expect(choice.asking).toBe(true);
  expect(draft.profile.preset).toBe('ucloud-uiot');
  expect(choice.open.map(({ id }) => id)).toEqual(['product', 'device']);
  expect(choice.answers['region']).toBe('cn-sh2');
  const [region] = choice.chosen?.asks ?? [];
  expect(region && offers(region).map(({ label }) => label)).toEqual(['Shanghai 2', 'Guangzhou']);
  expect(draft.toProfile().endpoint.host).toBe('');
});

test('filling in says what changed, and a secret answer becomes an edit', async () => {
  choice.choose('ucloud-uiot');
  Object.assign(choice.answers, { product: ' prod ', device: 'dev', secret: 'pssst' });
  await choice.fillIn();
  expect(draft.toProfile()).toMatchObject({
    preset: 'ucloud-uiot',
    endpoint: { scheme: 'mqtts', host: 'mqtt-cn-sh2.iot.ucloud.cn', port: 8883 },
    client_id: 'prod.dev',
    user_name: 'prod|dev|1',
    version: '3.1.1',
  });
  expect(draft.secretEdits()).toEqual([{ slot: 'password', value: 'pssst' }]);
  expect(choice.changes).toContainEqual({ label: 'Host', value: 'mqtt-cn-sh2.iot.ucloud.cn' });
  expect(choice.changes?.at(-1)).toEqual({ label: 'Device secret', value: '••••••' });
  expect(choice.asking).toBe(false);
  expect(JSON.stringify(engine.calls)).not.toContain('pssst');
});

test('filling in keeps what was typed for other kinds and the port of the new scheme', async () => {
  draft.tls.roots = 'ca_files';
  draft.tls.paths[0] = '/own.pem';
  draft.tls.roots = 'system';
  choice.choose('ucloud-uiot');
  Object.assign(choice.answers, { product: 'p', device: 'd', secret: 's' });
  await choice.fillIn();
  draft.tls.roots = 'ca_files';
  expect(draft.toProfile().tls.roots).toEqual({ kind: 'ca_files', paths: ['/own.pem'] });
  expect(draft.numbers.port).toBe('8883');
});

test('a saved profile shows its preset without asking again', async () => {
  await open({ preset: 'ucloud-uiot' });
  expect(choice.chosen?.id).toBe('ucloud-uiot');
  expect(choice.asking).toBe(false);
  expect(draft.isDirty).toBe(false);
  choice.choose(null);
  expect(draft.toProfile().preset).toBeNull();
});

test('one can save a preset of their own, use it and remove it', async () => {
  draft.profile.endpoint.host = 'broker.example';
  await choice.save('Plant');
  const [own] = choice.list.own;
  expect(own?.name.en).toBe('Plant');
  expect(draft.profile.preset).toBeNull();
  draft.profile.endpoint.host = 'elsewhere';
  choice.choose(own?.id ?? null);
  expect(choice.isOwn).toBe(true);
  await choice.fillIn();
  expect(draft.toProfile().endpoint.host).toBe('broker.example');
  await choice.remove();
  expect(choice.list.own).toEqual([]);
  expect(draft.profile.preset).toBeNull();
});

test("a provider's own preset cannot be removed", async () => {
  choice.choose('ucloud-uiot');
  await choice.remove();
  expect(engine.calls.some(({ name }) => name === 'preset_delete')).toBe(false);
});

test('a broken rule is shown at its field', async () => {
  draft.verdicts.showAll();
  choice.choose('ucloud-uiot');
  await draft.judge();
  expect(draft.say('version').tone).toBe('warn');
});
