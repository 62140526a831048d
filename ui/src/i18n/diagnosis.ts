/**
 * Causes and fixes in words, by their stable codes. The engine's own English is what a code gets that the catalogues do
 * not know yet. Details are facts and stay as they are, but for the two that are words themselves: an error behind a
 * cause, and a broker's Reason Code or Return Code.
 */
import type { Cause, Fix } from '$src/bindings/engine';

import { m } from '.';
import { errorKey } from './errors';

type Details = Readonly<Record<string, string | undefined>>;

const messages = m as unknown as Record<string, ((inputs: Details) => string) | undefined>;

/** What stands for a fact that is not known. */
const NONE = '–';

/** The catalogue's key of a cause: `tcp.refused` is `cause_tcp_refused`, what tells it apart `.._apart`. */
export function causeKey(code: string): string {
  return `cause_${code.replaceAll('.', '_')}`;
}

/** The catalogue's key of a fix; `.._by_hand` where the change cannot be made for the person. */
export function fixKey(code: string): string {
  return `fix_${code}`;
}

/** A cause in one sentence. */
export function causeWords(cause: Cause): string {
  return filled(causeKey(cause.code), cause.details) ?? cause.message;
}

/** What would tell a cause from the others that are named; empty where it is the only one. */
export function apartWords(cause: Cause): string {
  if (!cause.told_apart) return '';
  return filled(`${causeKey(cause.code)}_apart`, cause.details) ?? cause.told_apart;
}

/** A fix in one sentence. */
export function fixWords(fix: Fix): string {
  const key = fixKey(fix.code);
  const byHand = fix.changes.length === 0 ? filled(`${key}_by_hand`, fix.details) : undefined;
  return byHand ?? filled(key, fix.details) ?? fix.message;
}

function filled(key: string, details: Details): string | undefined {
  const known: Details = { ...details, reason: reasonOf(details) };
  // A fact that is missing is a dash, never the word "undefined".
  const inputs = new Proxy(known, { get: (from, name) => from[String(name)] ?? NONE });
  return messages[key]?.(inputs);
}

function reasonOf({ reason, error, reason_code: code, return_code, reason_string: said }: Details) {
  const title = error === undefined ? undefined : messages[errorKey(error)]?.({});
  if (title !== undefined) return title;
  const old = messages[`diagnosis_return_${return_code ?? ''}`];
  if (old !== undefined) return `${return_code ?? ''} ${old({})}`;
  if (code === undefined) return reason;
  const name = messages[`messages_reason_${code}`] ?? messages[`diagnosis_reason_${code}`];
  if (name === undefined) return reason;
  const own = said === undefined || said === NONE ? [] : [`"${said}"`];
  return [`0x${code.toUpperCase()} ${name({})}`, ...own].join(', ');
}
