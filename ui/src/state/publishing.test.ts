import { beforeEach, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import type { Outcome } from '$src/bindings/engine';

import { Publishing } from './publishing.svelte';

let outcome: Outcome;
let fails = false;
let code = '';
let time = 0;
let publishing: Publishing;

const MESSAGE = { topic: 't', payload: { text: 'x' }, qos: 1, retain: false } as const;

beforeEach(() => {
  outcome = { state: 'pending' };
  fails = false;
  code = 'session.not_connected';
  time = 0;
  useBackend({
    call: (name: string) => {
      const refused = { code, message: 'no', hint: '', details: {} };
      if (fails) return Promise.reject(refused);
      return Promise.resolve(name.startsWith('session_publish') ? 7 : { row: { id: 7, outcome } });
    },
  } as unknown as Backend);
  publishing = new Publishing('p', () => time);
});

it('waits for the outcome and says how long it took', async () => {
  await publishing.send(MESSAGE);
  expect(publishing.outcome).toEqual({ state: 'pending' });
  time = 8;
  outcome = { state: 'acknowledged', reason: 0 };
  await publishing.refresh();
  expect(publishing.outcome).toEqual({ state: 'acknowledged', reason: 0 });
  expect(publishing.took).toBe(8);
  time = 99;
  await publishing.refresh();
  expect(publishing.took).toBe(8);
});

it('says why a message was not taken, and takes the next', async () => {
  fails = true;
  await publishing.send(MESSAGE);
  expect(publishing.error?.code).toBe('session.not_connected');
  expect(publishing.outcome).toBeNull();
  fails = false;
  await publishing.send(MESSAGE);
  expect(publishing.error).toBeNull();
});

it('says nothing of a message that was cleared away before its outcome came', async () => {
  await publishing.send(MESSAGE);
  code = 'history.message_not_found';
  fails = true;
  await publishing.refresh();
  expect(publishing.error).toBeNull();
  expect(publishing.outcome).toBeNull();
});

it('lets the engine read a file', async () => {
  await publishing.sendFile({ topic: 't', qos: 0, retain: false }, '/tmp/a.bin');
  expect(publishing.outcome).toEqual({ state: 'pending' });
});

it('says that a message was sent and not recorded, and waits for nothing', async () => {
  useBackend({ call: () => Promise.resolve(null) } as unknown as Backend);
  await publishing.send(MESSAGE);
  expect(publishing.notRecorded).toBe(true);
  expect(publishing.outcome).toBeNull();
  expect(publishing.busy).toBe(false);
});

it('sends a message of a history again and waits for its outcome', async () => {
  const calls: unknown[] = [];
  useBackend({
    call: (name: string, args: unknown) => {
      calls.push([name, args]);
      const row = { id: 9, outcome: { state: 'sent' } };
      return Promise.resolve(name === 'message_publish_again' ? 9 : { row });
    },
  } as unknown as Backend);
  await publishing.sendAgain({ profile: 'q', id: 3 });
  expect(calls[0]).toEqual([
    'message_publish_again',
    { message: { profile: 'q', id: 3 }, to: 'p' },
  ]);
  expect(publishing.outcome).toEqual({ state: 'sent' });
});
