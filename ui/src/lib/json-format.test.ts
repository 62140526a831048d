/** Laying JSON out changes nothing but its white space. */
import { expect, it } from 'vitest';

import { formatJson } from './json-format';

it('keeps numbers, escapes and order as typed', () => {
  const text = '{"b":127.0,"a":[1e3,9007199254740993,-0],"s":"\\u00e9 {,}","e":{},"n":[],"b":null}';
  expect(formatJson(text)).toBe(`{
  "b": 127.0,
  "a": [
    1e3,
    9007199254740993,
    -0
  ],
  "s": "\\u00e9 {,}",
  "e": {},
  "n": [],
  "b": null
}`);
});

it('is done after the first time', () => {
  const once = formatJson(' [ { "a" : [ ] } , true ]') ?? '';
  expect(formatJson(once)).toBe(once);
  expect(once.replaceAll(/\s/g, '')).toBe('[{"a":[]},true]');
});

it('leaves what is not JSON alone', () => {
  expect(formatJson('{"a": }')).toBeNull();
  expect(formatJson('')).toBeNull();
  expect(formatJson('[[[[1]]]]')).toContain('        1');
});
