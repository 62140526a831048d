/** The form of a filter says the same as its text. */
import { describe, expect, it } from 'vitest';

import { noConditions, type Conditions } from '$src/lib/filter';
import { formatFilter } from '$src/lib/filter-format';
import { parseFilter } from '$src/lib/filter-parse';

import { conditionsOf, fieldsOf } from './fields';

const NOW = new Date(2026, 10, 21, 14, 30).getTime() * 1_000;

const FULL: Conditions = {
  topics: ['plant/#', 'a b'],
  without_topics: ['plant/+/raw'],
  direction: 'sent',
  qos: [1, 2],
  retain: false,
  dup: true,
  from_us: NOW - 1,
  until_us: NOW,
  min_size: 10,
  max_size: 2_000,
  payload: [
    { kind: 'text', text: 'a "b"', case_sensitive: false },
    { kind: 'text', text: 'In', case_sensitive: true },
    { kind: 'regex', pattern: 'a/b', case_sensitive: false },
    { kind: 'json', path: '$.a', comparison: 'at_least', value: '3' },
    { kind: 'json', path: '$.b', comparison: 'exists', value: '' },
  ],
  user_properties: [{ name: 'site', value: '' }],
  content_type: 'json',
};

it.each([
  ['none', noConditions()],
  ['all', FULL],
] as const)('keeps %s of the conditions, by the form and by the text', (_name, conditions) => {
  const read = conditionsOf(fieldsOf(conditions), NOW);
  expect(read).toEqual({ conditions, problems: {} });
  const parsed = parseFilter(formatFilter(read.conditions), { now_us: NOW, subscriptions: [] });
  expect(parsed).toMatchObject({ ok: true, conditions });
});

describe('what is filled in', () => {
  const fields = fieldsOf(noConditions());

  it('is told where it cannot be read', () => {
    const path = { kind: 'json', text: '$.a b', comparison: 'exists', value: '' } as const;
    const value = { ...path, text: '$.a', comparison: 'less' } as const;
    const wrong = { topics: 'a/#/b', from: 'soon', minSize: 'x', payload: [path, value] };
    expect(conditionsOf({ ...fields, ...wrong }, NOW).problems).toEqual({
      topics: 'hash_not_last',
      from: 'time',
      minSize: 'size',
      payload: { 0: 'path', 1: 'value' },
    });
    const order = { from: '14:00', until: '2026-11-21 13:00', minSize: '2k', maxSize: '1,000' };
    expect(conditionsOf({ ...fields, ...order }, NOW).problems).toEqual({
      until: 'order',
      maxSize: 'order',
    });
  });

  it('may be short', () => {
    const short = {
      topics: ' plant/# \n\n lab',
      from: '9:00',
      payload: [{ kind: 'json', text: 'temp', comparison: 'exists', value: '' } as const],
      properties: [{ name: '', value: '' }],
    };
    const { conditions, problems } = conditionsOf({ ...fields, ...short }, NOW);
    expect(problems).toEqual({});
    expect(conditions).toEqual({
      ...noConditions(),
      topics: ['plant/#', 'lab'],
      from_us: new Date(2026, 10, 21, 9).getTime() * 1_000,
      payload: [{ kind: 'json', path: '$.temp', comparison: 'exists', value: '' }],
    });
  });
});
