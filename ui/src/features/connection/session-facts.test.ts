/** What was asked and what was answered: defaults where the broker said nothing, and what it decided otherwise. */
import { expect, test } from 'vitest';

import { connackOf, connectOf } from '../../../tests/memory';
import { plainly, readExpiry, reasonOptions } from './disconnecting';
import { sessionFacts } from './session-facts';

const connect = connectOf({ client_id: 'bench', clean_start: false, session_expiry: 7_200 });

const of = (connack: Parameters<typeof connackOf>[0], name: string, who = connect) =>
  sessionFacts(who, connackOf(connack)).find((fact) => fact.name === name);

test('what the broker left unsaid is what the specification then takes', () => {
  const implied = sessionFacts(connect, connackOf()).filter(({ answered }) => answered.implied);
  const values = implied.map(({ name, answered }) => `${name}: ${answered.text}`);
  expect(values).toContain('Receive Maximum: 65,535');
  expect(values).toContain('Maximum QoS: 2');
  expect(values).toContain('Topic Alias Maximum: 0');
  expect(values).toContain('Retain Available: yes');
  expect(implied.every(({ differs }) => !differs)).toBe(true);
});

test('what the broker decided otherwise, or forbids, is marked', () => {
  const keepAlive = of({ keep_alive: 30, keep_alive_is_the_servers: true }, 'Server Keep Alive');
  expect([keepAlive?.answered.text, keepAlive?.differs]).toEqual(['30 s · the broker’s', true]);
  expect(of({ session_expiry: 3_600 }, 'Session Expiry Interval')?.differs).toBe(true);
  expect(of({ session_expiry: 7_200 }, 'Session Expiry Interval')?.differs).toBe(false);
  expect(of({ shared_available: false }, 'Shared Subscription Available')?.differs).toBe(true);
});

test('texts of the broker stay on one line', () => {
  expect(of({ reason_string: 'a\nb\u202ec' }, 'Reason String')?.answered.text).toBe('a↵b‹U+202E›c');
});

test('versions before 5 say only what they have', () => {
  const old = { ...connect, version: '3.1.1' as const };
  const names = sessionFacts(old, connackOf({ session_present: true })).map(({ name }) => name);
  expect(names).toEqual(['Session Present', 'Client Identifier', 'Keep Alive']);
});

test('a client offers the codes that it may send, and a plain DISCONNECT says nothing', () => {
  expect(reasonOptions()).toHaveLength(14);
  expect(plainly()).toMatchObject({ reason: 0, session_expiry: null });
});

test.each([
  ['', null],
  ['0', 0],
  ['4294967295', 4_294_967_295],
  ['4294967296', undefined],
  ['1h', undefined],
])('an expiry typed as %j is %j', (text, seconds) => {
  expect(readExpiry(text)).toBe(seconds);
});
