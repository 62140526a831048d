/** Moments and sizes as a person types them. Times are local ones unless they say otherwise. */

const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,6}))?)?`;
const TIME_OF_DAY = new RegExp(`^${CLOCK}$`);
const MOMENT = new RegExp(
  String.raw`^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt]${CLOCK}(Z|z|[+-]\d{2}:?\d{2})?)?$`,
);
const SPAN = /^(\d+(?:\.\d+)?)(s|m|h|d)$/i;
const SIZE = /^(\d+(?:\.\d+)?)(b|k|kb|m|mb|ki|kib|mi|mib)?$/i;

const SECONDS: Record<string, number> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const DAY_MS = 86_400_000;
/** The engine counts sizes of payloads in 32 bits. */
const MAX_SIZE = 2 ** 32 - 1;

/** A moment in microseconds, of a text with a date; null where it is none. */
export function parseMoment(text: string): number | null {
  const found = MOMENT.exec(text);
  if (!found) return null;
  const [, year, month, day, hour, minute, second, part, zone] = found;
  const fields = [Number(year), Number(month) - 1, Number(day)] as const;
  const clock = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)] as const;
  const utc = Date.UTC(...fields, ...clock);
  if (!isSame(new Date(utc), [...fields, ...clock])) return null;
  const ms = zone ? utc - offset(zone) : new Date(...fields, ...clock).getTime();
  return ms * 1_000 + micros(part);
}

/**
 * The time of day that is meant, in microseconds: the first one behind `after`, or else the last one that is not in the
 * future. Null where the text is no time of day.
 */
export function parseClock(text: string, now_us: number, after_us: number | null): number | null {
  const found = TIME_OF_DAY.exec(text);
  if (!found) return null;
  const [, hour, minute, second = '0', part] = found;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  const on = (day_us: number) => {
    const date = new Date(day_us / 1_000);
    date.setHours(Number(hour), Number(minute), Number(second), 0);
    return date.getTime() * 1_000 + micros(part);
  };
  if (after_us !== null) {
    const same = on(after_us);
    return same > after_us ? same : on(after_us + DAY_MS * 1_000);
  }
  const today = on(now_us);
  return today <= now_us ? today : on(now_us - DAY_MS * 1_000);
}

/** A span in microseconds: `15m`; null where the text is none. */
export function parseSpan(text: string): number | null {
  const found = SPAN.exec(text);
  if (!found) return null;
  const seconds = Number(found[1]) * (SECONDS[found[2]?.toLowerCase() ?? ''] ?? 1);
  const us = Math.round(seconds * 1_000_000);
  return Number.isSafeInteger(us) ? us : null;
}

/** A number of bytes: `100`, `1k` (1,000), `1ki` (1,024); null where the text is none or it is too large. */
export function parseSize(text: string): number | null {
  const found = SIZE.exec(text);
  if (!found) return null;
  const unit = (found[2] ?? '').toLowerCase();
  const base = unit.includes('i') ? 1_024 : 1_000;
  const scale = unit.startsWith('k') ? base : unit.startsWith('m') ? base * base : 1;
  const size = Math.round(Number(found[1]) * scale);
  return size <= MAX_SIZE ? size : null;
}

/** A moment as text that reads as the same moment, local and as short as it can be. */
export function formatMoment(us: number): string {
  const date = new Date(Math.floor(us / 1_000));
  const two = (value: number) => String(value).padStart(2, '0');
  const year = String(date.getFullYear()).padStart(4, '0');
  const day = `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const part = String(((us % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0');
  const second = Number(part) > 0 ? `.${part.replace(/0+$/, '')}` : '';
  const seconds = date.getSeconds() > 0 || second ? `:${two(date.getSeconds())}${second}` : '';
  const local = `${day}T${two(date.getHours())}:${two(date.getMinutes())}${seconds}`;
  // An hour that comes twice, when clocks are put back, and years of other lengths.
  if (parseMoment(local) === us) return local;
  return `${date.toISOString().slice(0, 19)}${second}Z`;
}

/** Whether a date is the one that was written: the 31st of June is not. */
function isSame(date: Date, fields: readonly number[]): boolean {
  const read = [
    ...[date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()],
    ...[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()],
  ];
  return read.every((value, at) => value === fields[at]);
}

function offset(zone: string): number {
  if (/^z$/i.test(zone)) return 0;
  const sign = zone.startsWith('-') ? -1 : 1;
  const digits = zone.slice(1).replace(':', '');
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
}

function micros(part = ''): number {
  return Number(part.padEnd(6, '0'));
}
