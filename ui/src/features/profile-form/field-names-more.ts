/** The second half of `field-names.ts`: TLS, the way to the broker, WebSocket, the Will Message. */
import { m } from '$src/i18n';

import type { FieldName } from './field-names';

const section = {
  tls: m.profile_section_tls,
  network: m.profile_section_network,
  websocket: m.profile_section_websocket,
  will: m.profile_section_will,
  history: m.profile_section_history,
};

const SCHEME = 'profile-scheme';
const ROOTS = 'profile-tls-roots';
const CLIENT = 'profile-tls-client';
const PROXY = 'profile-proxy';
const WILL = 'profile-will-on';
const VERSION = 'profile-version';

/** A field that shows up once something else is chosen. */
const willProperty = (
  field: string,
  label: () => string,
  testid: string,
  names: readonly string[],
): FieldName => ({
  field: `will.properties.${field}`,
  label,
  section: section.will,
  testids: [testid, WILL, VERSION],
  names,
});

export const MORE_FIELDS: readonly FieldName[] = [
  {
    field: 'tls.roots',
    label: m.profile_tls_roots,
    section: section.tls,
    testids: [ROOTS, SCHEME],
    names: ['certType', 'CA or Self signed certificates', 'CA signed', '--tls-use-os-certs'],
  },
  {
    field: 'tls.roots.paths',
    label: m.profile_tls_ca_path,
    section: section.tls,
    testids: ['profile-ca-file', ROOTS, SCHEME],
    names: ['ca', 'caFile', 'CA certificate', '--cafile', '--capath'],
  },
  {
    field: 'tls.roots.pem',
    label: m.profile_tls_ca_pem_label,
    section: section.tls,
    testids: ['profile-ca-pem', ROOTS, SCHEME],
    names: ['ca', 'PEM'],
  },
  {
    field: 'tls.roots.sha256',
    label: m.profile_tls_fingerprint,
    section: section.tls,
    testids: ['profile-tls-fingerprint', ROOTS, SCHEME],
    names: ['fingerprint', 'pin', 'pinning', 'SHA-256', 'checkServerIdentity'],
  },
  {
    field: 'tls.verify',
    label: m.profile_tls_no_verify,
    section: section.tls,
    testids: ['profile-tls-no-verify', SCHEME],
    names: ['rejectUnauthorized', 'SSL Secure', 'insecure', '--insecure', 'verify'],
  },
  {
    field: 'tls.client_certificate',
    label: m.profile_tls_client,
    section: section.tls,
    testids: [CLIENT, SCHEME],
    names: ['Client Certificate', 'clientAuth', 'mTLS'],
  },
  {
    field: 'tls.client_certificate.certificate',
    label: m.profile_tls_certificate,
    section: section.tls,
    testids: ['profile-certificate-file', 'profile-certificate-pem', CLIENT, SCHEME],
    names: ['cert', 'Client Certificate File', '--cert'],
  },
  {
    field: 'tls.client_certificate.key',
    label: m.profile_tls_key,
    section: section.tls,
    testids: ['profile-key-file', 'profile-key-pem', 'profile-key-pem-change', CLIENT, SCHEME],
    names: ['key', 'Client Key File', '--key', '--keyform'],
  },
  {
    field: 'tls.client_certificate.archive',
    label: m.profile_tls_archive,
    section: section.tls,
    testids: [
      'profile-pkcs12-file',
      'profile-pkcs12-base64',
      'profile-pkcs12-base64-change',
      CLIENT,
      SCHEME,
    ],
    names: ['pfx', 'p12', 'PKCS#12'],
  },
  {
    field: 'tls.client_certificate.passphrase',
    label: m.profile_tls_passphrase,
    section: section.tls,
    testids: ['profile-key-passphrase', 'profile-key-passphrase-change', CLIENT, SCHEME],
    names: ['passphrase'],
  },
  {
    field: 'tls.server_name',
    label: m.profile_tls_server_name,
    section: section.tls,
    testids: ['profile-server-name', SCHEME],
    names: ['servername', 'SNI', 'Server Name Indication'],
  },
  {
    field: 'tls.alpn',
    label: () => 'ALPN',
    section: section.tls,
    testids: ['profile-alpn', SCHEME],
    names: ['ALPNProtocols', '--tls-alpn'],
  },
  {
    field: 'tls.min_version',
    label: m.profile_tls_min_version,
    section: section.tls,
    testids: ['profile-tls-min-version', SCHEME],
    names: ['minVersion', 'secureProtocol', '--tls-version'],
  },
  {
    field: 'tls.max_version',
    label: m.profile_tls_max_version,
    section: section.tls,
    testids: ['profile-tls-max-version', SCHEME],
    names: ['maxVersion', '--tls-version'],
  },
  {
    field: 'tls.key_log_file',
    label: m.profile_tls_key_log,
    section: section.tls,
    testids: ['profile-key-log', SCHEME],
    names: ['SSLKEYLOGFILE', 'keylog', 'Wireshark', '--tls-keylog'],
  },
  {
    field: 'address_family',
    label: m.profile_family,
    section: section.network,
    testids: ['profile-address-family'],
    names: ['family', 'IPv4', 'IPv6', 'dual stack'],
  },
  {
    field: 'proxy',
    label: m.profile_proxy,
    section: section.network,
    testids: [PROXY],
    names: ['proxy', '--proxy', 'HTTP CONNECT', 'SOCKS', 'SOCKS5', 'http_proxy', 'agent'],
  },
  {
    field: 'proxy.server.host',
    label: m.profile_proxy_host,
    section: section.network,
    testids: ['profile-proxy-host', PROXY],
    names: ['proxy host'],
  },
  {
    field: 'proxy.server.port',
    label: m.profile_proxy_port,
    section: section.network,
    testids: ['profile-proxy-port', PROXY],
    names: ['proxy port'],
  },
  {
    field: 'proxy.server.user_name',
    label: m.profile_proxy_user_name,
    section: section.network,
    testids: ['profile-proxy-user-name', PROXY],
    names: ['proxy user name'],
  },
  {
    field: 'proxy.server.password',
    label: m.profile_proxy_password,
    section: section.network,
    testids: ['profile-proxy-password', 'profile-proxy-password-change', PROXY],
    names: ['proxy password'],
  },
  {
    field: 'websocket.headers',
    label: m.profile_headers,
    section: section.websocket,
    testids: ['profile-header-add', SCHEME],
    names: ['wsOptions.headers', 'headers', 'Authorization', 'Cookie', '--ws-headers'],
  },
  {
    field: 'websocket.subprotocols',
    label: m.profile_subprotocols,
    section: section.websocket,
    testids: ['profile-subprotocols', SCHEME],
    names: ['Sec-WebSocket-Protocol', 'wsOptions.protocol', 'subprotocol'],
  },
  {
    field: 'websocket.require_subprotocol',
    label: m.profile_subprotocol_optional,
    section: section.websocket,
    testids: ['profile-subprotocol-optional', SCHEME],
    names: ['Sec-WebSocket-Protocol'],
  },
  {
    field: 'will',
    label: m.profile_will_on,
    section: section.will,
    testids: [WILL],
    names: ['Will Flag', 'Will Message', 'will', 'Last Will', 'LWT'],
  },
  {
    field: 'will.topic',
    label: m.profile_will_topic,
    section: section.will,
    testids: ['profile-will-topic', WILL],
    names: ['Will Topic', 'will.topic', 'lastWillTopic', '--will-topic'],
  },
  {
    field: 'will.payload',
    label: () => m.profile_will_payload(),
    section: section.will,
    testids: ['profile-will-payload', 'profile-will-payload-file', WILL],
    names: ['Will Payload', 'will.payload', 'lastWillPayload', '--will-payload'],
  },
  {
    field: 'will.qos',
    label: m.profile_will_qos,
    section: section.will,
    testids: ['profile-will-qos', WILL],
    names: ['Will QoS', 'will.qos', 'lastWillQos', '--will-qos'],
  },
  {
    field: 'will.retain',
    label: () => m.profile_will_retain(),
    section: section.will,
    testids: ['profile-will-retain', WILL],
    names: ['Will Retain', 'will.retain', 'lastWillRetain', '--will-retain'],
  },
  willProperty('delay_interval', m.profile_will_delay, 'profile-will-delay', [
    'Will Delay Interval',
    'will.properties.willDelayInterval',
    'willDelayInterval',
  ]),
  willProperty('message_expiry', m.profile_will_expiry, 'profile-will-expiry', [
    'Message Expiry Interval',
    'will.properties.messageExpiryInterval',
    'messageExpiryInterval',
  ]),
  willProperty('payload_is_utf8', m.profile_will_format, 'profile-will-payload-format', [
    'Payload Format Indicator',
    'will.properties.payloadFormatIndicator',
    'payloadFormatIndicator',
  ]),
  willProperty('content_type', m.profile_will_content_type, 'profile-will-content-type', [
    'Content Type',
    'will.properties.contentType',
    'contentType',
  ]),
  willProperty('response_topic', m.profile_will_response_topic, 'profile-will-response-topic', [
    'Response Topic',
    'will.properties.responseTopic',
    'responseTopic',
  ]),
  willProperty('correlation_data', m.profile_will_correlation, 'profile-will-correlation-data', [
    'Correlation Data',
    'will.properties.correlationData',
    'correlationData',
  ]),
  willProperty(
    'user_properties',
    () => m.profile_user_properties(),
    'profile-will-user-property-add',
    ['Will User Property', 'will.properties.userProperties', 'userProperties'],
  ),
  {
    field: 'retention.max_bytes',
    label: m.limit_bytes,
    section: section.history,
    testids: ['profile-limit-bytes'],
    names: ['history', 'retention', 'quota', 'disk', 'storage'],
  },
  {
    field: 'retention.max_messages',
    label: m.limit_messages,
    section: section.history,
    testids: ['profile-limit-messages'],
    names: ['history', 'retention', 'message count', 'max messages'],
  },
  {
    field: 'retention.max_age_s',
    label: m.limit_age,
    section: section.history,
    testids: ['profile-limit-age'],
    names: ['history', 'retention', 'TTL', 'max age'],
  },
];
