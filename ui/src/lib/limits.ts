/**
 * Limits as a person sets them: none, or a number with a unit. The file keeps bytes and seconds; what was not edited
 * keeps its exact value, however many digits its number would need in the unit.
 */

/** 1 MiB, 1 GiB. */
export const BYTE_UNITS = [2 ** 20, 2 ** 30] as const;

/** A minute, an hour, a day. */
export const AGE_UNITS = [60, 3_600, 86_400] as const;

export const COUNT_UNITS = [1] as const;

export interface Limit {
  limited: boolean;
  /** The number as it is typed. */
  text: string;
  /** How much 1 of the number is. */
  unit: number;
}

/** A limit to be edited: in the largest unit in which it is a whole number. `usual` is offered where there is none. */
export function limitOf(value: number | null, units: readonly number[], usual: number): Limit {
  const shown = value ?? usual;
  const whole = units.filter((unit) => shown % unit === 0);
  const unit = whole.at(-1) ?? units[0] ?? 1;
  const text = String(Number((shown / unit).toFixed(3)));
  return { limited: value !== null, text, unit };
}

/** What was set; null for no limit, undefined for what is no number above 0. */
export function readLimit({ limited, text, unit }: Limit): number | null | undefined {
  if (!limited) return null;
  const plain = text.trim().replaceAll(/[,\s_](?=\d{3}(\D|$))/g, '');
  const pattern = unit === 1 ? /^\d{1,15}$/ : /^\d{1,12}([.]\d{1,6})?$/;
  if (!pattern.test(plain)) return undefined;
  const value = Math.round(Number(plain) * unit);
  return value > 0 ? value : undefined;
}

/** How much a history holds, and how its messages lie in it. */
export interface Held {
  messages: number;
  /** Bytes of the file that hold something. */
  used: number;
  /** How many messages are older than the new limit of age. */
  older: number;
}

/** The part of a limit of bytes that is left to the write-ahead log, and what that is at most. */
const LOG_SHARE = 16;
const LOG_BYTES = 16 * 2 ** 20;

/** About how many messages limits would remove. Messages count as equally large, and bookmarks as not spared. */
export function wouldRemove(
  held: Held,
  limits: { max_bytes: number | null; max_messages: number | null },
): number {
  const { messages, used, older } = held;
  let most = older;
  if (limits.max_messages !== null) most = Math.max(most, messages - limits.max_messages);
  if (limits.max_bytes !== null && used > 0) {
    const room = limits.max_bytes - Math.min(limits.max_bytes / LOG_SHARE, LOG_BYTES);
    most = Math.max(most, Math.round(messages * (1 - room / used)));
  }
  return Math.min(messages, Math.max(0, most));
}
