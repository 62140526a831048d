/**
 * Names taken out of a report before it leaves the window.
 *
 * A name gets the same mask wherever it occurs (`host-1`), so that the report can still be followed. Two kinds of names
 * are found: those that a report and its profile name in their fields, and those that only look like one (IP
 * addresses, domain names, e-mail addresses) in strangers' text. The second errs on the side of masking: `app.js` in a
 * page's body may become `host-3`.
 */
import type { CertificateFacts, Profile, Report } from '$src/bindings/engine';

export interface Masks {
  /** User names and client identifiers. */
  users: boolean;
  /** Host names and addresses. */
  hosts: boolean;
  /** Names, serial numbers and fingerprints of certificates; a fingerprint leads to the name in public logs. */
  certificates: boolean;
}

export const USUAL_MASKS: Masks = { users: true, hosts: true, certificates: false };

/** Names that are known to be some, of each kind. */
export type Names = Record<keyof Masks, readonly (string | null | undefined)[]>;

type Kind = 'user' | 'host' | 'certificate';

const IPV4 = String.raw`\d{1,3}(?:\.\d{1,3}){3}`;
const HEX = String.raw`[0-9a-f]{1,4}`;
/** All eight parts, or a gap; not a part of a fingerprint, whose pairs go on. */
const IPV6 = String.raw`(?<!:)(?:(?:${HEX}:){7}${HEX}|(?:${HEX}(?::${HEX}){0,6})?::(?:${HEX}(?::${HEX}){0,6})?(?::?${IPV4})?)(?:%\w+)?(?!:)`;
/** The lengths are those of RFC 1035 and RFC 5321: they also bound how long a hostile text can keep the pattern busy. */
const LABEL = String.raw`[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,61}[\p{L}\p{N}_])?`;
const DOMAIN = String.raw`(?:\*\.)?(?:${LABEL}\.){1,126}(?:xn--[a-z0-9-]+|\p{L}{2,})(?!_)`;
const MAIL = String.raw`[\p{L}\p{N}._%+-]{1,64}@(?:${LABEL}\.){1,126}\p{L}{2,}`;
/** Files of web pages: no domain ends so. */
const FILE = /\.(?:html?|php|js|css|png|svg|ico|jpe?g|json)$/;
const BEFORE = String.raw`(?<![\p{L}\p{N}])`;
const AFTER = String.raw`(?![\p{L}\p{N}])`;
/** Where one name ends in a host name, another one begins: `plant` is not a part of `plant-a.example`. */
const HOST_BEFORE = String.raw`(?<![\p{L}\p{N}.-])`;
const HOST_AFTER = String.raw`(?![\p{L}\p{N}-]|\.[\p{L}\p{N}])`;

export class Masker {
  readonly #names = new Map<string, Kind>();
  readonly #given = new Map<string, string>();
  readonly #counts = new Map<Kind, number>();
  readonly #pattern: RegExp | null;

  constructor(names: Names, masks: Masks) {
    const name = (kind: Kind) => (text: string | null | undefined) => {
      const plain = text?.trim().toLowerCase();
      if (plain) this.#names.set(plain, kind);
    };
    if (masks.certificates) names.certificates.forEach(name('certificate'));
    if (masks.hosts) names.hosts.forEach(name('host'));
    if (masks.users) names.users.forEach(name('user'));
    const known = [...this.#names]
      .sort(([one], [other]) => other.length - one.length)
      .map(([name, kind]) =>
        kind === 'host'
          ? `${HOST_BEFORE}${escaped(name)}${HOST_AFTER}`
          : `${BEFORE}${escaped(name)}${AFTER}`,
      );
    const shapes = [
      ...(masks.users ? [MAIL] : []),
      ...(masks.hosts ? [DOMAIN, IPV4, IPV6] : []),
    ].map((shape) => `${BEFORE}(?:${shape})${AFTER}`);
    const parts = [...known, ...shapes];
    this.#pattern = parts.length > 0 ? new RegExp(parts.join('|'), 'giu') : null;
  }

  /** A text with every name in it masked. */
  mask(text: string): string {
    if (!this.#pattern) return text;
    return text.replace(this.#pattern, (found) => this.#maskOf(found));
  }

  #maskOf(found: string): string {
    const plain = found.toLowerCase();
    const kind = this.#names.get(plain) ?? this.#kindOf(plain);
    if (kind === null) return found;
    let mask = this.#given.get(plain);
    if (mask === undefined) {
      const count = (this.#counts.get(kind) ?? 0) + 1;
      this.#counts.set(kind, count);
      mask = `${kind}-${count}`;
      this.#given.set(plain, mask);
    }
    return mask;
  }

  #kindOf(plain: string): Kind | null {
    if (plain.includes('@')) return 'user';
    return FILE.test(plain) || plain === '::' ? null : 'host';
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** The names in a report of a diagnosis. */
export function namesOf(report: Report, profile: Profile | null): Names {
  return {
    users: userNames(report, profile),
    hosts: hostNames(report, profile),
    certificates: certificateNames(report),
  };
}

function userNames(report: Report, profile: Profile | null): (string | null | undefined)[] {
  const mqtt = report.account?.facts.mqtt;
  const assigned = mqtt?.connack?.properties.filter(({ name }) => /client identifier/i.test(name));
  return [
    ...usersOf(profile),
    mqtt?.client_id,
    mqtt?.offer?.assigned_client_id,
    ...(assigned ?? []).map(({ value }) => value),
  ];
}

function hostNames(report: Report, profile: Profile | null): (string | null | undefined)[] {
  const facts = report.account?.facts;
  const { mqtt, name, proxy, tcp, tls } = facts ?? {};
  const san = (tls?.chain ?? []).flatMap(({ names }) => names);
  return [
    report.endpoint.host,
    ...hostsOf(profile),
    name?.name,
    ...(name?.addresses ?? []),
    ...(name?.left_out ?? []),
    ...(tcp?.tries ?? []).map(({ address }) => withoutPort(address)),
    proxy ? withoutPort(proxy.address) : null,
    tls?.server_name,
    tls?.expected_name,
    ...san,
    mqtt?.connack?.server_reference,
    mqtt?.disconnect?.server_reference,
  ];
}

/** The names of people and devices in a profile. */
export function usersOf(profile: Profile | null): (string | null | undefined)[] {
  const proxy = profile && 'server' in profile.proxy ? profile.proxy.server.user_name : null;
  return [profile?.client_id, profile?.user_name, proxy];
}

/** The names of hosts in a profile. */
export function hostsOf(profile: Profile | null): (string | null | undefined)[] {
  const proxy = profile && 'server' in profile.proxy ? profile.proxy.server.host : null;
  return [profile?.endpoint.host, profile?.tls.server_name, proxy];
}

/** The host of `host:port` and `[::1]:port`. */
export function withoutPort(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}

function certificateNames(report: Report): string[] {
  const tls = report.account?.facts.tls;
  if (!tls) return [];
  const certificates = [...tls.chain, ...(tls.client_certificate ? [tls.client_certificate] : [])];
  return [...certificates.flatMap(namesIn), ...tls.client_authorities.flatMap(valuesOf)];
}

function namesIn({ subject, issuer, names, serial, sha256 }: CertificateFacts): string[] {
  return [...valuesOf(subject), ...valuesOf(issuer), ...names, serial, sha256];
}

/** The values of a distinguished name: of `CN=Plant CA, O=Plant` it is `Plant CA` and `Plant`. Countries stay. */
function valuesOf(name: string): string[] {
  return name
    .split(/(?<!\\)[,+/;](?=\s*[\w.]+\s*=)/)
    .map((part) => part.trim())
    .filter((part) => !/^C\s*=/i.test(part))
    .map((part) => part.replace(/^[\w.]+\s*=\s*/, ''));
}
