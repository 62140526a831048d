/**
 * Where a person wants to go in a history, as typed: the number of a message, or a time.
 *
 * `#12,345` and `12345` are numbers; `14:05`, `14:05:30.250` a time of the day, today's or, where that is still to come,
 * yesterday's; `2026-11-20 09:00` a day and a time, the day alone its beginning; `-5m`, `-1h30m` a while ago. All times are
 * those of the clock on the wall here.
 */

export type Destination =
  | { kind: 'number'; id: number }
  | { kind: 'time'; us: number }
  | { kind: 'wrong'; why: 'empty' | 'unknown' | 'number' | 'time' | 'date' };

const NUMBER = /^#?\s*(\d[\d,.\s'’_]*)$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?$/;
const DATE = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T,]+(.+))?$/;
const AGO = /^-\s*((?:\d+(?:\.\d+)?\s*(?:ms|s|m|min|h|d)\s*)+)$/i;
const PART = /(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)/gi;

const MS: Record<string, number> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const DAY = 86_400_000;

const wrong = (why: 'empty' | 'unknown' | 'number' | 'time' | 'date'): Destination => ({
  kind: 'wrong',
  why,
});

/** What `typed` means at `now`, in milliseconds since the Unix epoch. */
export function readDestination(typed: string, now: number): Destination {
  const text = typed.trim();
  if (text === '') return wrong('empty');
  if (NUMBER.test(text)) return readNumber(text);
  if (AGO.test(text)) return readAgo(text, now);
  const date = DATE.exec(text);
  if (date) return readDate(date);
  if (/^\d{1,2}:/.test(text)) return readClock(text, now);
  return wrong('unknown');
}

function readNumber(text: string): Destination {
  const id = Number(text.replace(/\D/g, ''));
  return Number.isSafeInteger(id) && id > 0 ? { kind: 'number', id } : wrong('number');
}

function readAgo(text: string, now: number): Destination {
  let ms = 0;
  for (const [, count = '', unit = ''] of text.matchAll(PART)) {
    ms += Number(count) * (MS[unit.toLowerCase()] ?? 0);
  }
  return { kind: 'time', us: Math.round((now - ms) * 1_000) };
}

function readClock(text: string, now: number): Destination {
  const since = sinceMidnight(text);
  if (since === null) return wrong('time');
  const today = new Date(now).setHours(0, 0, 0, 0);
  const at = onDay(today, since);
  // What is still to come today was meant of yesterday.
  const us = at > now * 1_000 ? onDay(new Date(today - DAY / 2).setHours(0, 0, 0, 0), since) : at;
  return { kind: 'time', us };
}

function readDate([, year, month, day, clock]: RegExpExecArray): Destination {
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  const same = date.getMonth() === Number(month) - 1 && date.getDate() === Number(day);
  if (!same) return wrong('date');
  const since = clock === undefined ? 0 : sinceMidnight(clock.trim());
  if (since === null) return wrong('time');
  return { kind: 'time', us: onDay(date.getTime(), since) };
}

/** Microseconds since midnight by the clock on the wall; null where the text is no time of the day. */
function sinceMidnight(text: string): number | null {
  const match = CLOCK.exec(text);
  if (!match) return null;
  const [, hours = '', minutes = '', seconds = '0', fraction = ''] = match;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) return null;
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1_000_000 + Number(fraction.padEnd(6, '0'));
}

/** A time of the day on a day that begins at `midnight`; right where clocks are changed on it. */
function onDay(midnight: number, since: number): number {
  const date = new Date(midnight);
  const seconds = Math.floor(since / 1_000_000);
  date.setHours(Math.floor(seconds / 3_600), Math.floor(seconds / 60) % 60, seconds % 60, 0);
  return date.getTime() * 1_000 + (since % 1_000_000);
}
