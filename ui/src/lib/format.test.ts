import { describe, expect, it } from 'vitest';
import { formats } from './format';

const en = formats('en', 'UTC');
const zh = formats('zh', 'UTC');

describe('numbers and sizes', () => {
  it.each([
    [0, '0 B'],
    [58, '58 B'],
    [999, '999 B'],
    [1_000, '1 kB'],
    [1_204, '1.2 kB'],
    [99_940, '99.9 kB'],
    [188_000_000, '188 MB'],
    [999_600, '1 MB'],
    [20_000_000, '20 MB'],
    [5_300_000_000, '5.3 GB'],
  ])('writes %d bytes as %s', (value, text) => {
    expect(en.size(value)).toBe(text);
  });

  it('writes room on a disk in the units of its limits', () => {
    expect(en.disk(2 ** 30)).toBe('1 GiB');
    expect(en.disk(188 * 2 ** 20)).toBe('188 MiB');
    expect(en.disk(1_234_567)).toBe('1.2 MiB');
    expect(en.disk(512)).toBe('512 B');
    expect(zh.disk(2 ** 31)).toBe('2 GiB');
  });

  it('keeps sizes in a column exact while they are small', () => {
    expect(en.columnSize(99_999)).toBe('99,999');
    expect(en.columnSize(20_000_000)).toBe('20 MB');
  });

  it('separates thousands', () => {
    expect(en.count(1_204_331)).toBe('1,204,331');
    expect(zh.count(1_204_331)).toBe('1,204,331');
    expect(en.bytes(1_204)).toBe('1,204 B');
  });
});

describe('times', () => {
  const us = Date.UTC(2026, 10, 21, 10, 13, 0, 120) * 1_000 + 482;

  it('shows milliseconds in lists and microseconds in the inspector', () => {
    expect(en.time(us)).toBe('10:13:00.120');
    expect(en.timeMicros(us)).toBe('10:13:00.120 482');
    expect(zh.time(us)).toBe('10:13:00.120');
  });

  it('has midnight as 00, not 24', () => {
    expect(en.time(Date.UTC(2026, 0, 1) * 1_000)).toBe('00:00:00.000');
  });

  it('counts microseconds forward before 1970 too', () => {
    expect(en.timeMicros(-1)).toBe('23:59:59.999 999');
  });

  it('says the date by locale', () => {
    expect(en.dateTime(us)).toBe('Nov 21, 2026 10:13:00.120 482');
    expect(zh.dateTime(us)).toBe('2026年11月21日 10:13:00.120 482');
  });

  it('writes long spans in the unit that suits', () => {
    expect(en.span(7 * 86_400)).toBe('7 days');
    expect(en.span(60)).toBe('1 minute');
    expect(en.span(90_000)).toBe('25 hours');
    expect(en.span(90)).toBe('1.5 minutes');
    expect(zh.span(43_200)).toBe('12小时');
  });

  it('writes spans in the unit that suits', () => {
    expect(en.duration(8)).toBe('8 ms');
    expect(en.duration(8.4)).toBe('8 ms');
    expect(en.duration(1_240)).toBe('1.2 s');
    expect(zh.duration(1_240)).toBe('1.2 s');
  });
});
