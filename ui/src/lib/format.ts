/**
 * Numbers, sizes and times as a person of the given locale reads them.
 *
 * All of it goes through `Intl`, whose formatters are costly to make and cheap to use, so they are made once
 * for each locale. Times are always of 24 hours and of equal width, because they stand in columns.
 */

export interface Formats {
  /** A whole number with separators: `1,204,331`. */
  count(value: number): string;
  /** A number of bytes, exact: `1,204 B`. */
  bytes(value: number): string;
  /** A number of bytes in the unit that suits it: `58 B`, `1.2 kB`, `188 MB` (1 kB = 1,000 B). */
  size(value: number): string;
  /** Room on a disk, in the units in which it is limited: `188 MiB`, `1 GiB` (1 KiB = 1,024 B). */
  disk(value: number): string;
  /** Exact below 100,000 and without unit, else as `size`: fits a column of seven characters. */
  columnSize(value: number): string;
  /** Local time with milliseconds, `10:13:00.120`, from microseconds since the Unix epoch. */
  time(us: number): string;
  /** Local time with microseconds, `10:13:00.120 482`. */
  timeMicros(us: number): string;
  /** Date and time with microseconds: for tooltips and the inspector. */
  dateTime(us: number): string;
  /** A short span of time: `8 ms`, `1.2 s`. */
  duration(ms: number): string;
  /** Date and time to the minute, as in a sentence: `Nov 21, 2026, 14:02`. */
  moment(us: number): string;
  /** A part of 1: `42%`. */
  percent(part: number): string;
  /** A span of minutes, hours or days: `12 hours`. */
  span(seconds: number): string;
  /** A number of seconds: `60 s`. */
  seconds(value: number): string;
}

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

const SPANS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const;

const made = new Map<string, Formats>();

/** The formats of a locale; `timeZone` is the system's unless a test sets it. */
export function formats(locale: string, timeZone?: string): Formats {
  const name = `${locale} ${timeZone ?? ''}`;
  let known = made.get(name);
  if (!known) {
    known = make(locale, timeZone);
    made.set(name, known);
  }
  return known;
}

function make(locale: string, timeZone?: string): Formats {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const unit = (name: string, digits: number) =>
    new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    });
  const sizes = UNITS.map((name) => ({ coarse: unit(name, 0), fine: unit(name, 1) }));
  const tenths = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });
  const clock = new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    hourCycle: 'h23',
    timeZone,
  });
  const date = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeZone,
  });

  const bytes = (value: number) => `${whole.format(value)} B`;
  const size = (value: number) => {
    if (value < 1_000) return bytes(value);
    let rank = 0;
    let scaled = value;
    while (scaled >= 999.5 && rank < UNITS.length - 1) {
      scaled /= 1_000;
      rank += 1;
    }
    const format = sizes[rank];
    if (!format) return bytes(value);
    return (scaled < 99.95 ? format.fine : format.coarse).format(scaled);
  };
  const disk = (value: number) => {
    let rank = 0;
    let scaled = value;
    while (scaled >= 1_023.5 && rank < BINARY_UNITS.length - 1) {
      scaled /= 1_024;
      rank += 1;
    }
    const digits = rank > 0 && scaled < 99.95 ? tenths : whole;
    return `${digits.format(scaled)} ${BINARY_UNITS[rank] ?? ''}`;
  };
  const spans = SPANS.map(([name, of]) => ({
    of,
    format: new Intl.NumberFormat(locale, {
      style: 'unit',
      unit: name,
      unitDisplay: 'long',
      maximumFractionDigits: 1,
    }),
  }));
  const span = (seconds: number) => {
    const suits =
      spans.find(({ of }) => seconds % of === 0) ?? spans.find(({ of }) => seconds >= of);
    return suits ? suits.format.format(seconds / suits.of) : `${whole.format(seconds)} s`;
  };
  const minute = new Intl.DateTimeFormat(locale, {
    dateStyle: 'medium',
    timeStyle: 'short',
    hourCycle: 'h23',
    timeZone,
  });
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const time = (us: number) => clock.format(Math.floor(us / 1_000));
  const timeMicros = (us: number) => `${time(us)} ${micros(us)}`;

  return {
    count: (value) => whole.format(value),
    bytes,
    size,
    disk,
    columnSize: (value) => (value < 100_000 ? whole.format(value) : size(value)),
    time,
    timeMicros,
    dateTime: (us) => `${date.format(Math.floor(us / 1_000))} ${timeMicros(us)}`,
    duration: (ms) => (ms < 999.5 ? `${whole.format(ms)} ms` : `${tenths.format(ms / 1_000)} s`),
    moment: (us) => minute.format(Math.floor(us / 1_000)),
    percent: (part) => percents.format(part),
    span,
    seconds: (value) => `${whole.format(value)} s`,
  };
}

/** The three digits after the milliseconds; right for times before 1970 too. */
function micros(us: number): string {
  const rest = Math.floor(us) - Math.floor(us / 1_000) * 1_000;
  return String(rest).padStart(3, '0');
}
