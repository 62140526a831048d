import { describe, expect, it } from 'vitest';
import { checkFilter, checkName, utf8Length } from './topic';

describe('Topic Names', () => {
  it.each([
    ['', 'empty'],
    ['a\0', 'null'],
    ['a/#', 'wildcard'],
    ['a/+/b', 'wildcard'],
    ['a+', 'wildcard'],
    ['x'.repeat(65_536), 'too_long'],
    ['温'.repeat(21_846), 'too_long'],
    ['\ud800', 'surrogate'],
    ['x'.repeat(65_535), null],
    ['温'.repeat(21_845), null],
    ['a', null],
    ['/', null],
    ['a//b', null],
    ['$SYS/broker', null],
    ['车间/温度 1', null],
    ['🌡', null],
  ])('judges %j', (name, problem) => {
    expect(checkName(name)).toBe(problem);
  });
});

describe('Topic Filters', () => {
  it.each([
    ['', 'empty'],
    ['a\0', 'null'],
    ['a/b+', 'plus_not_alone'],
    ['+a', 'plus_not_alone'],
    ['#/a', 'hash_not_last'],
    ['a#', 'hash_not_last'],
    ['##', 'hash_not_last'],
    ['$share/g', 'share_incomplete'],
    ['$share/g/', 'share_incomplete'],
    ['$share//a', 'share_incomplete'],
    ['$share/+/a', 'share_incomplete'],
    ['$share/g/a/b+', 'plus_not_alone'],
    ['x'.repeat(65_536), 'too_long'],
    ['#', null],
    ['+', null],
    ['+/+/#', null],
    ['/+', null],
    ['$SYS/#', null],
    ['$share/g/a/#', null],
    ['$share', null],
    ['sport/tennis/+', null],
  ])('judges %j', (filter, problem) => {
    expect(checkFilter(filter)).toBe(problem);
  });
});

it('counts bytes, not characters', () => {
  expect(utf8Length('°C')).toBe(3);
});
