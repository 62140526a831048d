/** Puts the names of secrets into a profile as the engine does on saving. The values themselves are forgotten. */
import type { Profile, SecretEdit, SecretName } from '$src/bindings/engine';

export function withSecrets(profile: Profile, secrets: readonly SecretEdit[]): Profile {
  const saved = structuredClone(profile);
  for (const { slot, value } of secrets) {
    put(saved, slot, value === null ? null : `${saved.id}/${slot}`);
  }
  return saved;
}

function put(profile: Profile, slot: SecretEdit['slot'], name: SecretName | null): void {
  const { authentication, proxy, websocket } = profile;
  const client = profile.tls.client_certificate;
  if (slot === 'password') profile.password = name;
  if (slot === 'authentication_data' && authentication?.method === 'other') {
    authentication.data = name;
  }
  if (slot === 'proxy_password' && 'server' in proxy) proxy.server.password = name;
  if (slot === 'key_passphrase' && client) client.passphrase = name;
  if (slot === 'private_key' && client?.kind === 'pem' && client.key.from === 'stored') {
    client.key.secret = name;
  }
  if (slot === 'pkcs12' && client?.kind === 'pkcs12' && client.archive.from === 'stored') {
    client.archive.secret = name;
  }
  for (const header of websocket.headers) {
    if (slot === `header:${header.name.trim().toLowerCase()}` && header.value.from === 'stored') {
      header.value.secret = name;
    }
  }
}
