/** A profile with something in every part of the form, to look at it. */
import type { Profile } from '$src/bindings/engine';

import { profileOf } from './memory';

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
    subscriptions: [{ filter: 'plant-a/+/telemetry', qos: 1 }],
  };
}
