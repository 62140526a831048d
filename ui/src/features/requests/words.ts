/** Requests in words. */
import type { RequestRecord } from '$src/bindings/engine';
import type { Tone } from '$src/features/messages/words';
import { m } from '$src/i18n';
import { errorWords } from '$src/i18n/errors';
import { elapsed } from '$src/lib/elapsed';

export interface RequestWords {
  text: string;
  tone: Tone;
}

/** How a request stands at a moment, in microseconds since the Unix epoch. */
export function requestWords(
  { state, answers, time_us, timeout_ms }: RequestRecord,
  now_us: number,
  locale: string,
): RequestWords {
  const [first] = answers;
  const timeout = elapsed(timeout_ms * 1_000, locale);
  switch (state.state) {
    case 'subscribing':
      return { text: m.request_subscribing(), tone: 'quiet' };
    case 'waiting': {
      const time = elapsed(tenths(Math.max(0, now_us - time_us)), locale);
      return { text: m.request_waiting({ time, timeout }), tone: 'quiet' };
    }
    case 'answered': {
      const time = elapsed(first?.took_us ?? 0, locale);
      return { text: m.request_answered({ time }), tone: 'good' };
    }
    case 'timed_out':
      if (!first) return { text: m.request_timed_out({ timeout }), tone: 'bad' };
      return { text: m.request_late({ time: elapsed(first.took_us, locale) }), tone: 'bad' };
    case 'failed':
      return { text: m.request_failed({ title: errorWords(state.error).title }), tone: 'bad' };
    case 'cancelled':
      return { text: m.request_cancelled(), tone: 'quiet' };
  }
}

/** A running time in tenths of a second: digits that fly by tell nothing. */
function tenths(us: number): number {
  return Math.floor(us / 100_000) * 100_000;
}
