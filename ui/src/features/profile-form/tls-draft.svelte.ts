/**
 * Trust and client certificate while they are edited. Each kind keeps what was typed for it, so that a look at
 * another kind loses nothing.
 */
import type { ClientCertificate, TlsRoots, TlsSettings } from '$src/bindings/engine';

import type { SecretEdits, UsedPlace } from './secrets.svelte';

export class TlsDraft {
  roots = $state<TlsRoots['kind']>('system');
  paths = $state<string[]>(['']);
  pem = $state('');
  sha256 = $state<string[]>(['']);

  client = $state<'none' | ClientCertificate['kind']>('none');
  certificateFrom = $state<'file' | 'text'>('file');
  certificatePath = $state('');
  certificatePem = $state('');
  keyFrom = $state<'file' | 'stored'>('file');
  keyPath = $state('');
  archiveFrom = $state<'file' | 'stored'>('file');
  archivePath = $state('');

  readonly #secrets: SecretEdits;

  constructor(secrets: SecretEdits) {
    this.#secrets = secrets;
  }

  /** Takes over what is set; what belongs to other kinds stays. */
  load({ roots, client_certificate: client }: TlsSettings): void {
    this.roots = roots.kind;
    if (roots.kind === 'ca_files') this.paths = roots.paths.length > 0 ? [...roots.paths] : [''];
    if (roots.kind === 'ca_pem') this.pem = roots.pem;
    if (roots.kind === 'pinned') this.sha256 = roots.sha256.length > 0 ? [...roots.sha256] : [''];
    this.client = client?.kind ?? 'none';
    if (client?.kind === 'pem') this.#loadPem(client);
    if (client?.kind === 'pkcs12') this.#loadArchive(client);
  }

  #loadPem({ certificate, key, passphrase }: ClientCertificate & { kind: 'pem' }): void {
    this.certificateFrom = certificate.from;
    if (certificate.from === 'file') this.certificatePath = certificate.path;
    else this.certificatePem = certificate.pem;
    this.keyFrom = key.from;
    if (key.from === 'file') this.keyPath = key.path;
    else this.#secrets.remember('private_key', key.secret);
    this.#secrets.remember('key_passphrase', passphrase);
  }

  #loadArchive({ archive, passphrase }: ClientCertificate & { kind: 'pkcs12' }): void {
    this.archiveFrom = archive.from;
    if (archive.from === 'file') this.archivePath = archive.path;
    else this.#secrets.remember('pkcs12', archive.secret);
    this.#secrets.remember('key_passphrase', passphrase);
  }

  toRoots(): TlsRoots {
    const kind = this.roots;
    switch (kind) {
      case 'system':
        return { kind };
      case 'ca_files':
        return { kind, paths: [...this.paths] };
      case 'ca_pem':
        return { kind, pem: this.pem };
      case 'pinned':
        return { kind, sha256: this.sha256.map((pin) => pin.trim()) };
    }
  }

  toClientCertificate(): ClientCertificate | null {
    const kind = this.client;
    if (kind === 'none') return null;
    const passphrase = this.#secrets.nameIn('key_passphrase');
    if (kind === 'pkcs12') {
      const archive =
        this.archiveFrom === 'file'
          ? { from: this.archiveFrom, path: this.archivePath }
          : { from: this.archiveFrom, secret: this.#secrets.nameIn('pkcs12') };
      return { kind, archive, passphrase };
    }
    const certificate =
      this.certificateFrom === 'file'
        ? { from: this.certificateFrom, path: this.certificatePath }
        : { from: this.certificateFrom, pem: this.certificatePem };
    const key =
      this.keyFrom === 'file'
        ? { from: this.keyFrom, path: this.keyPath }
        : { from: this.keyFrom, secret: this.#secrets.nameIn('private_key') };
    return { kind, certificate, key, passphrase };
  }

  /** Where the profile holds secrets as things stand. */
  places(): UsedPlace[] {
    if (this.client === 'none') return [];
    const used: UsedPlace[] = [{ place: 'key_passphrase', slot: 'key_passphrase' }];
    if (this.client === 'pem' && this.keyFrom === 'stored') {
      used.push({ place: 'private_key', slot: 'private_key' });
    }
    if (this.client === 'pkcs12' && this.archiveFrom === 'stored') {
      used.push({ place: 'pkcs12', slot: 'pkcs12', kept: (text) => text.replaceAll(/\s/g, '') });
    }
    return used;
  }
}
