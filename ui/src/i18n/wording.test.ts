/** Every code that the engine can send has its wording, in both languages. */
import { expect, test } from 'vitest';

import en from '../../messages/en.json';
import zh from '../../messages/zh.json';
import { ERROR_CODES, NOTE_CODES, PROBLEM_CODES } from '$src/bindings/engine';

import { errorKey } from './errors';
import { problemKey } from './problems';

const catalogues: [string, Record<string, unknown>][] = [
  ['en', en],
  ['zh', zh],
];

test.each(catalogues)('every error code has a title in %s', (_, words) => {
  const codes: readonly string[] = ERROR_CODES;
  expect(codes.length).toBeGreaterThan(50);
  expect(codes.filter((code) => !(errorKey(code) in words))).toEqual([]);
});

test.each(catalogues)('every error but a cancellation says what to do in %s', (_, words) => {
  const codes = ERROR_CODES.filter((code: string) => code !== 'cancelled');
  expect(codes.filter((code) => !(`${errorKey(code)}_hint` in words))).toEqual([]);
});

test.each(catalogues)(
  'no title or hint waits for facts, which stand in the detail, in %s',
  (_, words) => {
    const open = Object.entries(words).filter(
      ([key, value]) => key.startsWith('error_') && String(value).includes('{'),
    );
    expect(open).toEqual([]);
  },
);

test.each(catalogues)('every problem of a field has a wording in %s', (_, words) => {
  const codes = PROBLEM_CODES;
  expect(codes.length).toBeGreaterThan(20);
  const known = (key: string) => key in words || `${key}_bytes` in words;
  expect(codes.filter((code) => !known(problemKey(code)))).toEqual([]);
});

test.each(catalogues)('every note of an import or export has a wording in %s', (_, words) => {
  const codes: readonly string[] = NOTE_CODES;
  expect(codes.length).toBeGreaterThan(5);
  expect(codes.filter((code) => !(`note_${code}` in words))).toEqual([]);
});
