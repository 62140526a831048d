/** What a fix would change, in the form's words: the field's label, what it is and what it becomes. */
import type { Change, Report } from '$src/bindings/engine';
import { m } from '$src/i18n';
import { entryOf } from '$src/features/profile-form/field-search';

export interface Difference {
  field: string;
  label: string;
  before: string;
  after: string;
}

/** Longer values are shortened; the whole value is in the tooltip. */
const LONGEST = 72;

/** A field in the form's words; a path that the form has no place for stays as it is. */
export function fieldLabel(path: string): string {
  return entryOf(path)?.label() ?? path;
}

export function differenceOf({ field, before, after }: Change, report: Report | null): Difference {
  const words = (value: unknown) => valueWords(field, value, report);
  return { field, label: fieldLabel(field), before: words(before), after: words(after) };
}

export function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

function valueWords(field: string, value: unknown, report: Report | null): string {
  if (value === null || value === undefined || value === '') return m.profile_none();
  if (typeof value === 'boolean') return value ? m.diagnosis_value_on() : m.diagnosis_value_off();
  if (typeof value === 'string') return isPem(value) ? pemWords(value, report) : value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return listWords(field, value, report);
  return objectWords(field, value as Record<string, unknown>, report);
}

function listWords(field: string, value: unknown[], report: Report | null): string {
  if (value.length === 0) return m.profile_none();
  return value.map((each) => valueWords(field, each, report)).join(', ');
}

/** The choices of the form that are objects in the profile. */
function objectWords(field: string, value: Record<string, unknown>, report: Report | null): string {
  const kind = value['kind'] ?? value['method'] ?? value['from'];
  const pins = value['sha256'];
  if (Array.isArray(pins)) return `SHA-256 ${pins.map((pin) => pinWords(String(pin))).join(', ')}`;
  if (typeof value['pem'] === 'string') return pemWords(value['pem'], report);
  if (Array.isArray(value['paths'])) return listWords(field, value['paths'], report);
  if (field === 'tls.roots' && kind === 'system') return m.profile_tls_system();
  if (field === 'proxy' && kind === 'none') return m.profile_none();
  if (field === 'proxy' && kind === 'system') return m.profile_proxy_system();
  if (typeof value['topic'] === 'string') return value['topic'];
  if (typeof value['filter'] === 'string') return value['filter'];
  const server = value['server'] as { host?: string; port?: number } | undefined;
  if (server?.host !== undefined) return `${server.host}:${server.port ?? ''}`;
  const parts = Object.values(value).filter((each) => typeof each !== 'object' && each !== '');
  return parts.join(' ') || m.profile_none();
}

/** Both ends of a fingerprint, as much of it as people compare. */
export function pinWords(pin: string): string {
  const pairs =
    pin
      .replaceAll(/[^0-9a-f]/gi, '')
      .toUpperCase()
      .match(/../g) ?? [];
  if (pairs.length < 12) return pairs.join(':');
  return `${pairs.slice(0, 4).join(':')}…${pairs.slice(-4).join(':')}`;
}

const isPem = (text: string) => text.includes('-----BEGIN ');

/** The fingerprints of those certificates that the report knows; how many where it does not know them. */
function pemWords(pem: string, report: Report | null): string {
  const tls = report?.account?.facts.tls;
  const plain = (text: string) => text.replaceAll(/\s/g, '');
  const known = (tls?.chain ?? []).filter(
    (each) => each.pem && plain(pem).includes(plain(each.pem)),
  );
  if (known.length > 0) return `SHA-256 ${known.map(({ sha256 }) => pinWords(sha256)).join(', ')}`;
  const count = pem.split('-----BEGIN CERTIFICATE').length - 1;
  return m.diagnosis_value_pem({ count: String(count) });
}
