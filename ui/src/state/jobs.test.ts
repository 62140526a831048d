/** Long work is followed until its result was read; exports and imports are begun as was chosen. */
import { beforeEach, expect, test } from 'vitest';

import { useBackend } from '$src/backend';
import type { Job } from '$src/bindings/engine';

import { MemoryEngine, profileOf, userError } from '../../tests/memory';
import { App } from './app.svelte';
import { share } from './jobs.svelte';
import { fileName, MessageExport, MessageImport } from './transfers.svelte';

let engine: MemoryEngine;
let app: App;

beforeEach(async () => {
  engine = new MemoryEngine();
  engine.profiles = [profileOf('a', { name: 'plant-a' })];
  useBackend(engine);
  app = new App();
  await app.start();
});

const result = { messages: 3, bytes: 400, first: null };
const states = () => app.jobs.list.map(({ state }) => state);
/** The commands so far but those that only read. */
const names = () => engine.calls.map(({ name }) => name).filter((name) => !name.endsWith('_list'));
const settled = () => new Promise((resolve) => setTimeout(resolve));

test('a job is there until its result was read', () => {
  const job = engine.jobs.begin('a', 'export', '/x.jsonl');
  engine.jobs.progress(job, { done: 1, total: 4 });
  expect(share(app.jobs.of(job) as Job)).toBe(0.25);
  engine.jobs.put(job, { state: 'done', result });
  expect(states()).toEqual(['done']);
  app.jobs.putAway(job);
  expect(states()).toEqual([]);
});

test('a snapshot brings back what is over, but not what was read', async () => {
  const [one, two] = [engine.jobs.begin('a', 'export'), engine.jobs.begin('a', 'compact')];
  engine.jobs.put(one, { state: 'failed', error: userError('export.disk_full') });
  engine.jobs.put(two, { state: 'done', result });
  app.jobs.putAway(two);
  await app.jobs.load();
  expect(app.jobs.list.map(({ job }) => job)).toEqual([one]);
});

test('what a dialog shows is not shown a second time', () => {
  const job = engine.jobs.begin('a', 'export');
  const leave = app.jobs.attend(job);
  expect(app.jobs.unattended).toEqual([]);
  leave();
  expect(app.jobs.unattended).toHaveLength(1);
});

test('a cancelled export needs no word, a cancelled import does', async () => {
  await app.jobs.cancel(engine.jobs.begin('a', 'export'));
  expect(states()).toEqual([]);
  await app.jobs.cancel(engine.jobs.begin('a', 'import'));
  expect(states()).toEqual(['cancelled']);
});

test('an export asks for what is chosen and shows its job', async () => {
  const filter = { ...everything, topics: ['a/#'] };
  const exporting = new MessageExport(app.jobs, profileOf('a', { name: 'plant-a' }), filter);
  exporting.path = ' /x.jsonl ';
  exporting.setFormat('csv');
  exporting.byteOrderMark = false;
  await exporting.start();
  expect(exporting.path.trim()).toBe('/x.jsonl');
  expect(engine.jobs.asked).toEqual({
    format: { kind: 'csv', byte_order_mark: false, formulas: 'guarded' },
    filter,
    last: null,
  });
  expect(exporting.running).toBe(true);
  engine.jobs.put(1, { state: 'done', result });
  expect(exporting.job?.state).toBe('done');
  exporting.putAway();
  expect(states()).toEqual([]);
});

test('all is exported although a filter is shown, where that was chosen', async () => {
  const filter = { ...everything, topics: ['a/#'] };
  const exporting = new MessageExport(app.jobs, profileOf('a'), filter);
  exporting.what = 'all';
  exporting.path = '/x.jsonl';
  await exporting.start();
  expect(engine.jobs.asked).toEqual({
    format: { kind: 'json_lines' },
    filter: everything,
    last: null,
  });
});

test('the ending of the path follows the format', () => {
  const exporting = new MessageExport(app.jobs, profileOf('a'), null);
  exporting.path = '/x.jsonl';
  exporting.setFormat('csv');
  expect(exporting.path).toBe('/x.csv');
});

test('a history with messages is left alone: an import goes into a copy without limits', async () => {
  const importing = new MessageImport(app.jobs, app.profiles, profileOf('a'), 5);
  importing.path = '/x.jsonl';
  await importing.start((name) => `${name} (imported)`);
  expect(names().slice(-3)).toEqual(['profile_duplicate', 'history_limit', 'history_import']);
  expect(engine.profiles.find(({ id }) => id === 'a-copy')).toMatchObject({
    name: 'plant-a (imported)',
    retention: { max_bytes: null, max_messages: null, max_age_s: null },
  });
  expect(importing.target).toBe('a-copy');
});

test('a copy that got no messages goes again', async () => {
  const importing = new MessageImport(app.jobs, app.profiles, profileOf('a'), 5);
  importing.path = '/x.jsonl';
  await importing.start((name) => name);
  engine.jobs.put(1, { state: 'failed', error: userError('import.unrecognised') });
  await settled();
  expect(engine.profiles.map(({ id }) => id)).toEqual(['a']);
  expect(importing.job?.state).toBe('failed');
});

test('an empty history takes an import itself', async () => {
  const importing = new MessageImport(app.jobs, app.profiles, profileOf('a'), 0);
  importing.path = '/x.jsonl';
  await importing.start((name) => name);
  expect(engine.jobs.list).toMatchObject([{ profile: 'a', kind: 'import', path: '/x.jsonl' }]);
});

test.each([
  ['plant-a', 'plant-a.jsonl'],
  ['a/b: "c"?', 'a b c.jsonl'],
  ['../..', 'mqttscope.jsonl'],
  ['网关 07', '网关 07.jsonl'],
])('a profile named %j is exported as %j', (name, file) => {
  expect(fileName(name, 'jsonl')).toBe(file);
});

test('that nothing is recorded is known wherever the profile stands', async () => {
  await app.recordings.switch('a', false);
  expect(app.recordings.isOff('a')).toBe(true);
  await app.recordings.switch('a', true);
  expect(app.recordings.isOff('a')).toBe(false);
});

const everything = {
  ...{ topics: [], without_topics: [], direction: null, qos: [], retain: null, dup: null },
  ...{ from_us: null, until_us: null, min_size: null, max_size: null },
  ...{ payload: [], user_properties: [], content_type: '' },
};
