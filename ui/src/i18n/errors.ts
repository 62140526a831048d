/**
 * Errors in words, by their stable code. The engine's own English is shown beside them as the technical
 * detail, and takes their place for a code that the catalogues do not know yet.
 */
import type { UserError } from '$src/bindings/engine';

import { m } from '.';

export interface ErrorWords {
  title: string;
  /** What to do about it; empty where nothing is known to help. */
  hint: string;
  /** The engine's sentence and the named facts, for those who want to know exactly. */
  detail: string;
}

const messages = m as unknown as Record<string, (() => string) | undefined>;

/** The catalogue's key of a code: `tcp.refused` is `error_tcp_refused`, its hint `.._hint`. */
export function errorKey(code: string): string {
  return `error_${code.replaceAll('.', '_')}`;
}

export function errorWords(error: UserError): ErrorWords {
  const key = errorKey(error.code);
  const title = messages[key]?.();
  if (title === undefined) return { title: error.message, hint: error.hint, detail: '' };
  return { title, hint: messages[`${key}_hint`]?.() ?? '', detail: detailOf(error) };
}

function detailOf({ message, details }: UserError): string {
  const unsaid = Object.entries(details).filter(([, value]) => value && !message.includes(value));
  return [message, ...unsaid.map(([name, value]) => `${name}: ${value}`)]
    .filter(Boolean)
    .join(' · ');
}
