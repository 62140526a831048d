/** Completing in the filter bar: what is offered at the caret, and the text after a choice. */
import { describe, expect, it, test } from 'vitest';

import { beginningsOf, completed, completionAt } from './filter-complete';

/** The text with the caret as `|`. */
const at = (text: string) =>
  completionAt(text.replace('|', ''), text.indexOf('|')) as ReturnType<typeof completionAt>;

describe('what may be completed', () => {
  test.each([
    ['pla|', 'word', 'pla'],
    ['in pla|', 'word', 'pla'],
    ['-plant/a|', 'word', '-plant/a'],
    ['topic:a|', 'topic', 'a'],
    ['in -topic:a|', 'topic', 'a'],
    ['sub:|', 'subscription', ''],
    ['"a b" q|', 'word', 'q'],
    ['|', 'word', ''],
    ['in |', 'word', ''],
    ['$S|', 'word', '$S'],
  ])('%s', (text, kind, typed) => expect(at(text)).toMatchObject({ kind, typed }));

  test.each(['"a b|', '$.te|', 'qos:|', 'size>1|', 'topic:"a|', '|abc', 'text:x|'])(
    'nothing in %s',
    (text) => expect(at(text)).toBeNull(),
  );
});

it('offers the beginnings of conditions', () => {
  expect(beginningsOf('re')).toEqual(['retain', 'regex:']);
  expect(beginningsOf('-')).toEqual(['-retain', '-dup']);
  expect(beginningsOf('retain')).toEqual([]);
});

test.each([
  ['pla|', 'plant/a', 'plant/a |'],
  ['in pl|a out', 'plant/a', 'in plant/a |out'],
  ['q|', 'qos:', 'qos:|'],
  ['size|', 'size>', 'size>|'],
  ['sub:a|', 'a/#', 'sub:a/# |'],
])('%s becomes %s by %s', (text, choice, expected) => {
  const place = at(text);
  expect(place).not.toBeNull();
  if (!place) return;
  const { text: after, caret } = completed(text.replace('|', ''), place, choice);
  expect(`${after.slice(0, caret)}|${after.slice(caret)}`).toBe(expected);
});
