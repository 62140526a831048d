/** What a pasted address left open, told at the fields where something stands nevertheless. */
import type { ParsedAddress, Scheme } from '$src/bindings/engine';
import { m } from '$src/i18n';

import type { Mark } from './verdicts.svelte';

/** What a WebSocket address without a port means (RFC 6455, section 3). */
const WEB_PORTS: Partial<Record<Scheme, string>> = { ws: '80', wss: '443' };

/** `scheme` and `port` are those of the form by now. */
export function leftOpen(address: ParsedAddress, scheme: Scheme, port: string): Mark[] {
  const marks: Mark[] = [];
  if (address.scheme === null) {
    marks.push({ field: 'endpoint.scheme', words: m.form_address_no_scheme({ scheme }) });
  }
  if (address.port === null) {
    const web = WEB_PORTS[scheme];
    const words = web
      ? m.form_address_no_port_web({ web, port })
      : m.form_address_no_port({ port });
    marks.push({ field: 'endpoint.port', words });
  }
  return marks;
}
