/** Folders with colours, and the pages and dialogs of import, export and copying, for the preview. */
import type { ImportItem } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';

import type { MemoryEngine } from './memory';
import { itemOf } from './memory-exchange';

const ITEMS: ImportItem[] = [
  itemOf(0, {
    name: 'plant-a gateway',
    folder: ['Plants', 'North'],
    messages: 1_204,
    secrets: ['password'],
  }),
  itemOf(1, {
    name: 'esp32 bench',
    address: 'mqtt://192.168.1.40:1883',
    state: {
      state: 'exists',
      profile: 'c',
      name: 'esp32 bench',
      differences: ['endpoint.host', 'keep_alive'],
    },
    suggested: 'merge',
    notes: [
      { field: 'subscriptions[2].nl', value: 'true', code: 'no_counterpart' },
      { field: 'clientId', value: 'mqttx_1234', code: 'generated' },
    ],
  }),
  itemOf(2, { name: 'UIoT 网关 07', state: { state: 'same', profile: 'd' }, suggested: 'skip' }),
  itemOf(3, {
    name: 'no host',
    problems: [
      {
        field: 'endpoint.host',
        weight: 'error',
        code: 'required',
        limit: '',
        source: '',
        reason: null,
      },
    ],
  }),
];

/** Puts the profiles into folders, and something to import behind the door. */
export function furnish(engine: MemoryEngine, many: number): void {
  const profile = (id: string) => ({ kind: 'profile' as const, id });
  engine.tree.nodes = [
    {
      kind: 'folder',
      id: 'plants',
      name: 'Plants',
      colour: 'green',
      children: [
        { kind: 'folder', id: 'north', name: 'North', colour: null, children: [profile('a')] },
        profile('b'),
      ],
    },
    { kind: 'folder', id: 'bench', name: 'Bench', colour: 'orange', children: [profile('c')] },
  ];
  const colours = { b: 'blue', d: 'purple' } as const;
  for (const each of engine.profiles) each.colour = colours[each.id as 'b'] ?? null;
  engine.exchange.found.items =
    many > 0 ? Array.from({ length: many }, (_, at) => itemOf(at)) : ITEMS;
  engine.exchange.found.folders = 2;
}

/** The scenes that are places and dialogs. */
export async function showExchange(scene: string): Promise<void> {
  if (scene === 'import') app.go({ at: 'import' });
  if (scene === 'import-preview' || scene === 'import-many') {
    app.go({ at: 'import' });
    await app.importing.readText();
  }
  if (scene === 'export') app.asking = { about: 'export', profiles: ['a', 'b'] };
  if (scene === 'copy') app.asking = { about: 'copy', profile: 'a' };
  if (scene === 'several') {
    app.outline.choose('f:plants');
    app.outline.extendTo('p:c');
  }
}
