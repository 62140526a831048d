/** Reports of attempts as the engine would send them: the same facts, for tests and for looking at the window. */
import type {
  Account,
  CertificateFacts,
  DiagnosisOptions,
  Facts,
  Report,
  StageRecord,
  TlsFacts,
} from '$src/bindings/engine';

import { unmade } from '$src/state/subscription';

import { userError } from './errors';
import { connackOf, subscriptionOf } from './nouns';

const NONE: DiagnosisOptions = {
  subscribe: false,
  stay: false,
  other_schemes: false,
  other_client_id: false,
};

/** 2026-11-21 10:13 UTC. */
const BEGAN_MS = Date.UTC(2026, 10, 21, 10, 13);
const DAY_S = 86_400;

export function factsOf(part: Partial<Facts> = {}): Facts {
  return {
    name: null,
    tcp: null,
    proxy: null,
    first_bytes: null,
    tls: null,
    websocket: null,
    mqtt: null,
    subscribe: null,
    staying: null,
    other_schemes: [],
    ...part,
  };
}

export function certificateOf(part: Partial<CertificateFacts> = {}): CertificateFacts {
  return {
    subject: 'CN=gw.plant-a.example, O=Plant A',
    issuer: 'CN=Plant CA, O=Plant A',
    names: ['gw.plant-a.example', '*.gw.plant-a.example', '203.0.113.7'],
    serial: '3F9C17A0B2',
    version: 3,
    not_before_s: BEGAN_MS / 1_000 - 90 * DAY_S,
    not_after_s: BEGAN_MS / 1_000 + 275 * DAY_S,
    key: 'EC P-256',
    key_bits: 256,
    signature: 'ecdsa-with-SHA256',
    sha256:
      'AB:12:9F:03:5C:77:E1:40:8D:2B:66:0A:F4:19:C3:5E:71:08:DA:9B:24:EE:63:17:B0:4F:92:8C:3A:D5:41:7F',
    self_issued: false,
    is_ca: false,
    pem: '-----BEGIN CERTIFICATE-----\nMIIBleaf\n-----END CERTIFICATE-----\n',
    ...part,
  };
}

const ISSUER = certificateOf({
  subject: 'CN=Plant CA, O=Plant A',
  names: [],
  serial: '01',
  key: 'RSA',
  key_bits: 4_096,
  signature: 'sha256WithRSAEncryption',
  sha256:
    '10:2B:9F:03:5C:77:E1:40:8D:2B:66:0A:F4:19:C3:5E:71:08:DA:9B:24:EE:63:17:B0:4F:92:8C:3A:D5:41:AA',
  self_issued: true,
  is_ca: true,
  pem: '-----BEGIN CERTIFICATE-----\nMIIBroot\n-----END CERTIFICATE-----\n',
});

export function tlsOf(part: Partial<TlsFacts> = {}): TlsFacts {
  return {
    server_name: 'gw.plant-a.example',
    expected_name: 'gw.plant-a.example',
    offered_versions: ['TLSv1.2', 'TLSv1.3'],
    version: 'TLSv1.3',
    cipher: 'TLS13_AES_256_GCM_SHA384',
    offered_alpn: [],
    alpn: null,
    trust: 'system',
    chain: [certificateOf(), ISSUER],
    rejected: null,
    client_certificate_asked: false,
    client_authorities: [],
    client_certificate: null,
    alert: null,
    completed: true,
    ...part,
  };
}

const stage = (
  name: StageRecord['stage'],
  began_us: number,
  took_us: number,
  evidence: string,
  verdict: StageRecord['verdict'] = 'passed',
): StageRecord => ({ stage: name, verdict, began_us, took_us, evidence });

const WAY: StageRecord[] = [
  stage('settings', 0, 180, ''),
  stage('name', 180, 4_020, 'gw.plant-a.example: 203.0.113.7, 2001:db8::7'),
  stage('tcp', 4_200, 3_310, '203.0.113.7:8883'),
];

const WAY_FACTS: Partial<Facts> = {
  name: { name: 'gw.plant-a.example', addresses: ['2001:db8::7', '203.0.113.7'], left_out: [] },
  tcp: {
    tries: [
      { address: '[2001:db8::7]:8883', outcome: 'unreachable', took_us: 310 },
      { address: '203.0.113.7:8883', outcome: 'connected', took_us: 3_310 },
    ],
  },
};

export function accountOf(stages: StageRecord[], facts: Partial<Facts>): Account {
  // Whoever gets it may change it.
  return structuredClone({
    attempt: { number: 1, stages, error: null },
    began_ms: BEGAN_MS,
    facts: factsOf(facts),
    past: [],
  });
}

export function reportOf(part: Partial<Report> = {}): Report {
  return {
    endpoint: { scheme: 'mqtts', host: 'gw.plant-a.example', port: 8883, path: '/mqtt' },
    options: NONE,
    problems: [],
    account: null,
    diagnosis: null,
    ...part,
  };
}

/** A certificate of an authority that nobody trusts: one fix changes the profile, one leads to a field, one is advice. */
export function unknownCa(): Report {
  const rejected = { check: 'issuer' as const, reason: 'invalid peer certificate: UnknownIssuer' };
  const account = accountOf(
    [...WAY, stage('tls', 7_510, 9_480, 'CN=gw.plant-a.example, issuer CN=Plant CA', 'failed')],
    { ...WAY_FACTS, tls: tlsOf({ rejected }) },
  );
  account.attempt.error = userError('tls.unknown_issuer', 'The issuer is not trusted.');
  const { sha256 } = certificateOf();
  return reportOf({
    problems: [
      {
        field: 'password',
        weight: 'warning',
        code: 'password_without_user_name',
        limit: '',
        source: '',
        reason: null,
      },
    ],
    account,
    diagnosis: {
      verdict: 'failed',
      stage: 'tls',
      causes: [
        {
          code: 'tls.unknown_ca',
          message: 'The certificate of the broker was issued by "Plant CA", which is not trusted.',
          told_apart: '',
          details: { issuer: 'Plant CA', host: 'gw.plant-a.example' },
        },
      ],
      fixes: [
        {
          code: 'trust_certificate',
          message: 'Trust this certificate by its fingerprint.',
          details: { sha256 },
          changes: [
            {
              field: 'tls.roots',
              before: { kind: 'system' },
              after: { kind: 'pinned', sha256: [sha256] },
            },
          ],
          field: null,
        },
        {
          code: 'choose_ca',
          message: 'Choose the CA file that "Plant CA" comes with.',
          details: { issuer: 'Plant CA' },
          changes: [],
          field: 'tls.roots',
        },
        {
          code: 'read_broker_log',
          message: "Look into the broker's log.",
          details: {},
          changes: [],
          field: null,
        },
      ],
    },
  });
}

/** A login page where a WebSocket was wanted, with text of a stranger who means no good. */
export function loginPage(): Report {
  const hostile = '<script>alert(1)</script>\n```\n# [click](https://evil.example/a|b)\n@everyone';
  return reportOf({
    endpoint: { scheme: 'ws', host: 'gw.plant-a.example', port: 80, path: '/mqtt' },
    account: accountOf(
      [...WAY, stage('web_socket', 7_510, 12_040, 'HTTP/1.1 302 Found', 'failed')],
      {
        ...WAY_FACTS,
        websocket: {
          path: '/mqtt',
          offered: 'mqtt',
          status: 302,
          status_text: 'Found',
          headers: [
            { name: 'Server', value: 'portal/1.2 `x` | <b>' },
            { name: 'Location', value: 'https://login.gw.plant-a.example/?user=gateway' },
          ],
          subprotocol: null,
          body: hostile,
          body_cut: true,
        },
        first_bytes: { bytes: { text: 'HTTP/1.1 302 Found' }, spoken: 'HTTP' },
      },
    ),
    diagnosis: {
      verdict: 'failed',
      stage: 'web_socket',
      causes: [
        {
          code: 'websocket.redirected',
          message: 'The server sends WebSocket requests elsewhere.',
          told_apart: 'A proxy of the broker redirects to a page of its own name.',
          details: {
            host: 'gw.plant-a.example',
            path: '/mqtt',
            status: '302',
            location: 'https://login.gw.plant-a.example/?user=gateway',
          },
        },
        {
          code: 'websocket.web_page',
          message: 'The network wants a login first.',
          told_apart: 'A login page of the network comes for every address in a browser too.',
          details: { host: 'gw.plant-a.example', path: '/mqtt', status: '302' },
        },
      ],
      fixes: [],
    },
  });
}

/** A connection that works, with everything asked for. */
export function allWell(): Report {
  const options = { ...NONE, subscribe: true, stay: true };
  const connack = {
    reason: 0,
    reason_name: 'Success',
    reason_string: null,
    server_reference: null,
    properties: [
      { name: 'Receive Maximum', value: '32' },
      { name: 'Topic Alias Maximum', value: '10' },
    ],
  };
  return reportOf({
    options,
    account: accountOf(
      [
        ...WAY,
        stage('tls', 7_510, 9_480, 'TLSv1.3, TLS13_AES_256_GCM_SHA384'),
        stage('mqtt', 16_990, 2_200, 'CONNACK: Success'),
        stage('subscribe', 19_190, 2_001_000, '1 granted'),
        stage('staying', 2_020_190, 120_012_000, '2 pings'),
      ],
      {
        ...WAY_FACTS,
        tls: tlsOf(),
        mqtt: {
          version: '5.0',
          client_id: 'mqttscope-4f9a1c7e',
          with_user_name: true,
          with_password: true,
          connack,
          offer: connackOf({
            maximum_qos: 1,
            retain_available: true,
            maximum_packet_size: 1_048_576,
            receive_maximum: 32,
            topic_alias_maximum: 10,
            wildcard_available: true,
            shared_available: false,
          }),
          disconnect: null,
          end: null,
        },
        subscribe: {
          answers: [
            { ...unmade(subscriptionOf('plant-a/+/telemetry', 1)), state: 'granted', granted: 0 },
            { ...unmade(subscriptionOf('$SYS/#')), state: 'refused', reason: 0x87 },
          ],
          watched_ms: 2_000,
          closed_after_ms: null,
        },
        staying: { keep_alive: 60, pings_us: [8_210, 7_940] },
      },
    ),
    diagnosis: { verdict: 'ok', stage: null, causes: [], fixes: [] },
  });
}

/** A report while it grows: its first `count` stages, the last of them under way. */
export function grown(report: Report, count: number): Report {
  const { account } = report;
  if (!account) return report;
  const stages = account.attempt.stages
    .slice(0, count)
    .map((record, at) =>
      at === count - 1 ? { ...record, verdict: 'running' as const, evidence: '' } : record,
    );
  return {
    ...report,
    diagnosis: null,
    account: { ...account, attempt: { ...account.attempt, error: null, stages } },
  };
}
