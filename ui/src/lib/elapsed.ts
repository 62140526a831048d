/**
 * A short span of time to three digits, from microseconds: `482 µs`, `12.3 ms`, `1.25 s`, `3:05 min`.
 *
 * Always three digits, so that a column of them can be compared by eye. The units are those of physics and the same in
 * every language; only the decimal separator is the locale's.
 */

const made = new Map<string, Intl.NumberFormat>();

function digits(locale: string): Intl.NumberFormat {
  let known = made.get(locale);
  if (!known) {
    known = new Intl.NumberFormat(locale, {
      minimumSignificantDigits: 3,
      maximumSignificantDigits: 3,
    });
    made.set(locale, known);
  }
  return known;
}

export function elapsed(us: number, locale: string): string {
  // Clocks are set back at times.
  const sign = us < 0 ? '−' : '';
  const span = Math.abs(us);
  if (span < 999.5) return `${sign}${Math.round(span)} µs`;
  if (span < 999_500) return `${sign}${digits(locale).format(span / 1_000)} ms`;
  if (span < 59_950_000) return `${sign}${digits(locale).format(span / 1_000_000)} s`;
  const seconds = Math.round(span / 1_000_000);
  if (seconds < 3_600) return `${sign}${Math.floor(seconds / 60)}:${two(seconds % 60)} min`;
  return `${sign}${Math.floor(seconds / 3_600)}:${two(Math.floor(seconds / 60) % 60)} h`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
