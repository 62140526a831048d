/**
 * Enhanced authentication while it is edited. The data is kept as Base64; it is typed as text, hex or Base64, and
 * turned into Base64 on its way to the engine.
 */
import type { Authentication, Problem, ScramHash } from '$src/bindings/engine';
import { decodeBase64, decodeHex, encodeBase64 } from '$src/lib/bytes';

import type { SecretEdits, UsedPlace } from './secrets.svelte';

export type DataFormat = 'text' | 'hex' | 'base64';

/** Typed data as Base64; undefined where it does not follow its format. */
export function asBase64(typed: string, format: DataFormat): string | undefined {
  if (format === 'text') return encodeBase64(new TextEncoder().encode(typed));
  const decoded = format === 'hex' ? decodeHex(typed) : decodeBase64(typed);
  return decoded.ok ? encodeBase64(decoded.bytes) : undefined;
}

export class AuthenticationDraft {
  method = $state<'none' | Authentication['method']>('none');
  hash = $state<ScramHash>('SHA-256');
  name = $state('');
  dataFormat = $state<DataFormat>('text');

  readonly #secrets: SecretEdits;

  constructor(secrets: SecretEdits) {
    this.#secrets = secrets;
  }

  load(authentication: Authentication | null): void {
    this.method = authentication?.method ?? 'none';
    if (authentication?.method === 'scram') this.hash = authentication.hash;
    if (authentication?.method !== 'other') return;
    this.name = authentication.name;
    this.#secrets.remember('authentication_data', authentication.data);
  }

  toAuthentication(): Authentication | null {
    const { method } = this;
    if (method === 'none') return null;
    if (method === 'scram') return { method, hash: this.hash };
    return { method, name: this.name, data: this.#secrets.nameIn('authentication_data') };
  }

  places(): UsedPlace[] {
    if (this.method !== 'other') return [];
    const kept = (typed: string) => asBase64(typed, this.dataFormat);
    return [{ place: 'authentication_data', slot: 'authentication_data', kept }];
  }

  /** What the engine cannot be told: data that stands for no bytes. */
  problem(): Problem | null {
    const typed = this.#secrets.typed('authentication_data');
    if (this.method !== 'other' || asBase64(typed, this.dataFormat) !== undefined) return null;
    return {
      field: 'authentication.data',
      weight: 'error',
      code: 'not_in_format',
      limit: this.dataFormat,
      source: '',
      reason: null,
    };
  }
}
