/** Proxy and WebSocket headers while they are edited. Kinds keep what was typed for them. */
import type { Header, Proxy, SecretName, WebSocketSettings } from '$src/bindings/engine';

import type { Place, SecretEdits, UsedPlace } from './secrets.svelte';

export class ProxyDraft {
  kind = $state<Proxy['kind']>('none');
  host = $state('');
  userName = $state('');

  readonly #secrets: SecretEdits;

  constructor(secrets: SecretEdits) {
    this.#secrets = secrets;
  }

  get hasServer(): boolean {
    return this.kind === 'http' || this.kind === 'socks5';
  }

  load(proxy: Proxy): void {
    this.kind = proxy.kind;
    if (proxy.kind !== 'http' && proxy.kind !== 'socks5') return;
    this.host = proxy.server.host;
    this.userName = proxy.server.user_name;
    this.#secrets.remember('proxy_password', proxy.server.password);
  }

  /** The port is a number field's; `port` is its value. */
  toProxy(port: number): Proxy {
    const { kind } = this;
    if (kind === 'none' || kind === 'system') return { kind };
    const password = this.#secrets.nameIn('proxy_password');
    return { kind, server: { host: this.host, port, user_name: this.userName, password } };
  }

  places(): UsedPlace[] {
    return this.hasServer ? [{ place: 'proxy_password', slot: 'proxy_password' }] : [];
  }
}

export interface HeaderRow {
  place: Place;
  name: string;
  from: 'text' | 'stored';
  text: string;
}

export class HeadersDraft {
  rows = $state<HeaderRow[]>([]);

  #next = 0;
  readonly #secrets: SecretEdits;

  constructor(secrets: SecretEdits) {
    this.#secrets = secrets;
  }

  add(name = '', from: HeaderRow['from'] = 'text'): HeaderRow {
    const place: Place = `row:${this.#next}`;
    this.#next += 1;
    this.rows.push({ place, name, from, text: '' });
    return this.rows[this.rows.length - 1] as HeaderRow;
  }

  remove(index: number): void {
    for (const { place } of this.rows.splice(index, 1)) this.#secrets.drop(place);
  }

  load({ headers }: WebSocketSettings): void {
    const before = this.rows;
    this.rows = [];
    for (const { name, value } of headers) {
      const row = this.add(name, value.from);
      if (value.from === 'text') row.text = value.text;
      else this.#take(row, value.secret, before);
    }
  }

  /** What was to happen to a header's secret goes over to the new row of that name. */
  #take(row: HeaderRow, secret: SecretName | null, before: readonly HeaderRow[]): void {
    this.#secrets.remember(row.place, secret);
    const same = before.find(({ name }) => slotOf(name) === slotOf(row.name));
    const change = same && this.#secrets.change(same.place);
    if (same && change === 'set') this.#secrets.set(row.place, this.#secrets.typed(same.place));
    if (change === 'clear') this.#secrets.clear(row.place);
  }

  /** The row of a header, wherever its secret is to go. */
  named(name: string): HeaderRow {
    return this.rows.find((row) => slotOf(row.name) === slotOf(name)) ?? this.add(name, 'stored');
  }

  toHeaders(): Header[] {
    return this.rows.map(({ place, name, from, text }) => ({
      name,
      value: from === 'text' ? { from, text } : { from, secret: this.#secrets.nameIn(place) },
    }));
  }

  places(): UsedPlace[] {
    return this.rows
      .filter(({ from }) => from === 'stored')
      .map(({ place, name }) => ({ place, slot: slotOf(name) }));
  }
}

/** The slot of a header, as the engine names it. */
function slotOf(name: string): `header:${string}` {
  return `header:${name.trim().toLowerCase()}`;
}
