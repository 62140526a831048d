/** The scenes of the form: a profile with something in every part of it, odd settings, and a test beside it. */
import type { Problem, ProblemCode, Profile } from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';

import { profileOf, subscriptionOf, type MemoryEngine } from './memory';
import { unknownCa } from './reports';

export function fullProfile(): Profile {
  const plain = profileOf('full');
  return {
    ...plain,
    name: 'everything',
    colour: 'teal',
    preset: 'ucloud-uiot',
    endpoint: { scheme: 'wss', host: 'mqtt-cn-sh2.iot.ucloud.cn', port: 8084, path: '/mqtt?t=1' },
    user_name: 'hcvxvp5dbvlnqdac|sensor-07|1',
    password: 'full/password',
    connect_properties: {
      ...plain.connect_properties,
      receive_maximum: 32,
      user_properties: [
        { name: 'site', value: 'plant-a' },
        { name: 'site', value: 'hall 2' },
      ],
    },
    authentication: { method: 'scram', hash: 'SHA-256' },
    proxy: {
      kind: 'http',
      server: { host: 'proxy.example', port: 3128, user_name: 'lin', password: null },
    },
    tls: {
      ...plain.tls,
      roots: { kind: 'ca_files', paths: ['/etc/ssl/plant-ca.pem', '/etc/ssl/plant-ca-2.pem'] },
      client_certificate: {
        kind: 'pem',
        certificate: { from: 'file', path: '/etc/ssl/gateway.pem' },
        key: { from: 'stored', secret: 'full/private_key' },
        passphrase: null,
      },
      alpn: ['mqtt'],
      key_log_file: '/tmp/keys.log',
    },
    websocket: {
      headers: [
        { name: 'Authorization', value: { from: 'stored', secret: 'full/header:authorization' } },
        { name: 'X-Site', value: { from: 'text', text: 'plant-a' } },
      ],
      subprotocols: [],
      require_subprotocol: true,
    },
    will: {
      topic: 'plant-a/gateway/status',
      payload: { from: 'typed', typed: { format: 'json', text: '{"online":false}' } },
      qos: 1,
      retain: true,
      properties: {
        delay_interval: 5,
        payload_is_utf8: true,
        message_expiry: null,
        content_type: 'application/json',
        response_topic: null,
        correlation_data: { format: 'hex', text: 'c0 ff ee' },
        user_properties: [],
      },
    },
    subscriptions: [subscriptionOf('plant-a/+/telemetry', 1)],
  };
}

/** What the engine would say of the scenes' profiles; the host is all that a new one lacks. */
export function oddities({ endpoint }: Profile, scene: string): Problem[] {
  const problem = (field: string, code: ProblemCode, limit = '', source = ''): Problem => ({
    field,
    weight: code === 'required' ? 'error' : 'warning',
    code,
    limit,
    source,
    reason: null,
  });
  if (endpoint.host === '') return [problem('endpoint.host', 'required')];
  if (scene !== 'odd' && scene !== 'form-odd') return [];
  return [
    problem('endpoint.port', 'scheme_port_mismatch', 'wss'),
    problem('tls.verify', 'verification_off'),
    problem('tls.roots', 'pin_not_checked'),
    problem('tls.server_name', 'server_name_differs', endpoint.host),
    problem('client_id', 'client_id_changes', '', 'MQTT-3.1.3-2'),
    problem('keep_alive', 'keep_alive_long', '7440', 'RFC 5382'),
  ];
}

/** The scenes of the form, which are places and no states of the engine. */
export async function showForm(
  engine: MemoryEngine,
  scene: string,
  unfold: boolean,
): Promise<void> {
  if (scene === 'odd') app.go({ at: 'profile', id: 'a' });
  if (scene === 'form') app.go({ at: 'new' });
  if (scene === 'form-full') app.go({ at: 'edit', id: 'full' });
  const isTest = scene.startsWith('form-test');
  if (isTest || scene === 'form-odd') app.go({ at: 'edit', id: 'a' });
  const shown = () => new Promise((resolve) => setTimeout(resolve, 200));
  if (isTest) {
    if (scene === 'form-test-failed') engine.diagnosis.outcome = unknownCa();
    await shown();
    document.querySelector<HTMLElement>('[data-testid=profile-test]')?.click();
    await shown();
    engine.diagnosis.finish();
  }
  if (!unfold) return;
  await shown();
  for (const fold of document.querySelectorAll('details')) fold.open = true;
}
