/** An import from its text to its undo. */
import { beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';

import { MemoryEngine, profileOf } from '../../tests/memory';
import { itemOf } from '../../tests/memory-exchange';
import { App } from './app.svelte';
import { choicesFor, chosenForAll } from './importing.svelte';

let engine: MemoryEngine;
let app: App;

const exists = {
  state: 'exists' as const,
  profile: 'a',
  name: 'a',
  differences: ['endpoint.host'],
};

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = [profileOf('a', { name: 'a' })];
  engine.exchange.found.items = [
    itemOf(0, { messages: 7 }),
    itemOf(1, { state: exists, suggested: 'merge' }),
    itemOf(2, { state: { state: 'same', profile: 'a' }, suggested: 'skip' }),
  ];
  useBackend(engine);
  app = new App();
  await app.start();
});

const ran = () => engine.calls.find(({ name }) => name === 'import_run')?.args;
const cancelled = () => engine.calls.filter(({ name }) => name === 'import_cancel').length;

test('what is new, there, or the same offers what can be done with it', () => {
  const offers = engine.exchange.found.items.map((item) => choicesFor(item).join(' '));
  expect(offers).toEqual(['add skip', 'merge replace copy skip', 'skip copy']);
  expect(choicesFor(itemOf(3, { suggested: 'copy' }))).toContain('copy');
});

test('a choice for all leaves alone what it cannot be made for', () => {
  const [fresh, there] = engine.exchange.found.items;
  if (!fresh || !there) throw new Error('two items');
  expect(chosenForAll(fresh, 'replace', 'add')).toBe('add');
  expect(chosenForAll(there, 'replace', 'merge')).toBe('replace');
  expect(chosenForAll(there, 'suggested', 'skip')).toBe('merge');
});

test('what was chosen is what is asked for, and it can be taken back', async () => {
  const { importing } = app;
  importing.text = 'mqtt://host';
  await importing.readText();
  expect(importing.step).toBe('preview');
  const [, there] = importing.preview?.items ?? [];
  if (!there) throw new Error('an item');
  importing.choose(there, 'replace');
  importing.messages = false;
  expect(importing.wanted).toEqual({ profiles: 2, messages: 7 });
  await importing.run();
  expect(ran()).toMatchObject({
    choices: [
      { index: 0, choice: 'add' },
      { index: 1, choice: 'replace' },
      { index: 2, choice: 'skip' },
    ],
    messages: false,
  });
  expect(importing.step).toBe('result');
  expect(importing.text).toBe('');
  expect(importing.done?.result).toMatchObject({ added: 1, replaced: 1, skipped: 1 });
  await importing.undo();
  expect(engine.profiles.map(({ id }) => id)).toEqual(['a']);
  expect([importing.done, importing.step]).toEqual([null, 'source']);
  expect(importing.undone).not.toBeNull();
});

test('what cannot be read says so in place and changes nothing', async () => {
  engine.exchange.found.items = [];
  app.importing.path = '/tmp/x.json';
  await app.importing.readFile();
  expect(app.importing.step).toBe('source');
  expect(app.importing.error).not.toBeNull();
  expect(app.importing.path).toBe('/tmp/x.json');
  expect(app.error).toBeNull();
});

test('a wrong passphrase keeps the preview and what was chosen', async () => {
  const { importing } = app;
  engine.exchange.found.locked = true;
  await importing.readText();
  const [fresh] = importing.preview?.items ?? [];
  if (!fresh) throw new Error('an item');
  importing.choose(fresh, 'skip');
  await importing.unlock('wrong');
  expect([importing.step, importing.preview?.locked]).toEqual(['preview', true]);
  expect(importing.error).not.toBeNull();
  await importing.unlock('open');
  expect([importing.error, importing.preview?.locked]).toEqual([null, false]);
  expect(importing.choice(fresh)).toBe('skip');
});

test('a source that nobody waits for is forgotten by the engine', async () => {
  const first = app.importing.readText();
  await app.importing.cancel();
  await first;
  expect(app.importing.step).toBe('source');
  expect(app.importing.preview).toBeNull();
  expect(cancelled()).toBe(1);
  await app.importing.readText();
  await app.importing.readText();
  expect(cancelled()).toBe(2);
});

test('progress counts only for the import that runs', async () => {
  await app.importing.readText();
  const id = app.importing.preview?.import ?? 0;
  engine.tell([{ event: 'import', progress: { import: id, done: 1, total: 3 } }]);
  expect(app.importing.progress).toBeNull();
  const run = app.importing.run();
  engine.tell([{ event: 'import', progress: { import: id + 1, done: 2, total: 3 } }]);
  expect(app.importing.progress).toBeNull();
  engine.tell([{ event: 'import', progress: { import: id, done: 2, total: 3 } }]);
  expect(app.importing.progress).toMatchObject({ done: 2 });
  await run;
});

test('dropped files are read one after the other', async () => {
  engine.drag({ at: 'over', x: 1, y: 1 });
  expect(app.filesOver).toBe('import');
  engine.drag({ at: 'dropped', paths: ['/a.json', '/b.json'], x: 1, y: 1 });
  expect([app.filesOver, app.place.at]).toEqual([null, 'import']);
  await new Promise((resolve) => setTimeout(resolve));
  expect([app.importing.step, app.importing.waiting]).toEqual(['preview', ['/b.json']]);
  await app.importing.run();
  await app.importing.next();
  expect([app.importing.step, app.importing.preview?.file]).toEqual(['preview', 'b.json']);
});

test('after a file that failed the next one can still be reached', async () => {
  engine.exchange.found.items = [];
  engine.drag({ at: 'dropped', paths: ['/a.json', '/b.json'], x: 1, y: 1 });
  await new Promise((resolve) => setTimeout(resolve));
  expect(app.importing.error).not.toBeNull();
  expect(app.importing.waiting).toEqual(['/b.json']);
});
