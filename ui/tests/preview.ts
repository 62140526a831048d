/**
 * The window on an engine in memory: `npm run dev`, then /tests/preview.html?scene=connected&theme=dark&language=zh.
 * Scenes: empty, connected, connecting, waiting, failed; form (a new profile) and form-full, with &unfold for all of it;
 * odd (warnings before connecting), form-odd (in the form), form-test and form-test-failed (a test beside the form);
 * those of preview-history.ts, preview-find.ts, preview-publish.ts and preview-subscriptions.ts; import, import-preview, import-many, export, copy, several; diagnose, diagnose-running, -failed, -page, -ok (&unfold);
 * probe, probe-running, -done, -left, -error, -compare (&unfold).
 */
import '$src/styles/tokens.css';
import '$src/styles/base.css';

import { mount } from 'svelte';

import App from '$src/app/App.svelte';
import { useBackend } from '$src/backend';
import type { Attempt, Language, Row, StageRecord, Theme } from '$src/bindings/engine';
import { followLocale } from '$src/i18n';
import { unmade } from '$src/state/subscription';
import { app } from '$src/state/app.svelte';

import {
  connackOf,
  MemoryEngine,
  profileOf,
  settingsOf,
  snapshotOf,
  subscriptionOf,
  userError,
} from './memory';
import { showComparison } from './preview-comparison';
import { giveReports, showDiagnosis } from './preview-diagnosis';
import { furnish, showExchange } from './preview-exchange';
import { showFind } from './preview-find';
import { showFilter } from './preview-filter';
import { fullProfile, oddities, showForm } from './preview-form';
import { fillHistory, showHistory } from './preview-history';
import { showPublish } from './preview-publish';
import { showPackets } from './preview-packets';
import { showProbe } from './preview-probe';
import { showSides } from './preview-sides';
import { showSubscriptions } from './preview-subscriptions';

const wanted = new URLSearchParams(location.search);
const scene = wanted.get('scene') ?? 'connected';
const engine = new MemoryEngine();
engine.settings = settingsOf({
  language: (wanted.get('language') ?? 'en') as Language,
  theme: (wanted.get('theme') ?? 'light') as Theme,
});

const START = Date.UTC(2026, 10, 21, 10, 13) * 1_000;

function row(index: number): Row {
  const sent = index % 9 === 5;
  const preview = sent
    ? '{"cmd":"reset"}'
    : `{"temp":${(30 + (index % 50) / 10).toFixed(2)},"rh":44,"seq":9007199254740${index},"unit":"°C"}`;
  return {
    index,
    id: index + 1,
    time_us: START + index * 123_457,
    direction: sent ? 'sent' : 'received',
    topic: sent ? 'plant-a/s1/cmd' : `plant-a/s${(index % 4) + 1}/telemetry`,
    qos: sent ? 1 : 0,
    retain: index % 17 === 0,
    dup: false,
    size: preview.length,
    preview,
    outcome: sent ? { state: 'acknowledged', reason: 0 } : null,
    bookmark: null,
  };
}

const stages: StageRecord[] = [
  { stage: 'settings', verdict: 'passed', began_us: 0, took_us: 1_000, evidence: '' },
  {
    stage: 'name',
    verdict: 'passed',
    began_us: 1_000,
    took_us: 4_000,
    evidence: '203.0.113.7, 2001:db8::7',
  },
  {
    stage: 'tcp',
    verdict: 'passed',
    began_us: 5_000,
    took_us: 3_000,
    evidence: '203.0.113.7:8883',
  },
  {
    stage: 'tls',
    verdict: 'passed',
    began_us: 8_000,
    took_us: 9_000,
    evidence: 'TLSv1.3, TLS13_AES_256_GCM_SHA384',
  },
  {
    stage: 'mqtt',
    verdict: 'passed',
    began_us: 17_000,
    took_us: 2_000,
    evidence: 'CONNACK: Success',
  },
];

if (scene !== 'empty') {
  const tls = {
    roots: { kind: 'system' as const },
    client_certificate: null,
    server_name: '',
    alpn: [],
    min_version: '1.2' as const,
    max_version: '1.3' as const,
    key_log_file: '',
  };
  engine.profiles = [
    profileOf('a', {
      name: 'plant-a gateway',
      endpoint: { scheme: 'mqtts', host: 'gw.plant-a.example', port: 8883, path: '/mqtt' },
      password: 'a/password',
      user_name: 'gateway',
      tls: { ...tls, verify: wanted.get('verify') !== 'off' },
      subscriptions: [subscriptionOf('plant-a/+/telemetry')],
    }),
    profileOf('b', {
      name: 'plant-b gateway',
      endpoint: { scheme: 'wss', host: 'gw.plant-b.example', port: 8084, path: '/mqtt' },
    }),
    profileOf('c', {
      name: 'esp32 bench',
      endpoint: { scheme: 'mqtt', host: '192.168.1.40', port: 1883, path: '/mqtt' },
    }),
    profileOf('d', {
      name: 'UIoT 网关 07',
      endpoint: { scheme: 'mqtt', host: 'iot.example', port: 1883, path: '/mqtt' },
    }),
    ...(scene === 'form-full' ? [fullProfile()] : []),
  ];
  engine.broken = [
    {
      file: '/home/lin/.config/mqttscope/profiles/old.json',
      reason: 'line 12: expected `,` or `}`',
    },
  ];
  engine.rows = Array.from({ length: 1_204 }, (_, index) => row(index));
  engine.broker = {
    state: 'running',
    mqtt_port: 1883,
    ws_port: 8083,
    clients: [{ client_id: 'mqttscope-4f9a1c7e', version: '5.0', address: '127.0.0.1:52114' }],
  };
  const attempt = (
    count: number,
    verdict: StageRecord['verdict'],
    error: Attempt['error'] = null,
  ) => ({
    number: 1,
    stages: stages
      .slice(0, count)
      .map((stage, at) => (at === count - 1 ? { ...stage, verdict, evidence: '' } : stage)),
    error,
  });
  const refused = userError(
    'tls.unknown_issuer',
    'The certificate of gw.plant-a.example was issued by "Plant CA", which is not trusted.',
    { issuer: 'Plant CA', host: 'gw.plant-a.example' },
  );
  const states = {
    connected: snapshotOf(
      'a',
      {
        state: 'connected',
        since_ms: START / 1_000,
        took_ms: 19,
        address: '203.0.113.7:8883',
        tls: { version: 'TLSv1.3', cipher: 'TLS13_AES_256_GCM_SHA384', alpn: null, verified: true },
        connack: connackOf({
          maximum_qos: 1,
          retain_available: true,
          maximum_packet_size: 1_048_576,
          receive_maximum: 32,
          topic_alias_maximum: 65_535,
          shared_available: false,
        }),
      },
      {
        last_attempt: { number: 1, stages, error: null },
        subscriptions: [
          { ...unmade(subscriptionOf('plant-a/+/telemetry')), state: 'granted', granted: 0 },
          { ...unmade(subscriptionOf('$share/g1/cmd/#', 2)), state: 'granted', granted: 1 },
          { ...unmade(subscriptionOf('$SYS/#')), state: 'refused', reason: 0x87 },
        ],
        traffic: {
          ...snapshotOf('a').traffic,
          received: 1_204,
          sent: 133,
          received_per_second: 1_204,
          sent_per_second: 3,
        },
      },
    ),
    connecting: snapshotOf(
      'a',
      { state: 'connecting', stage: 'tls', attempt: 1 },
      { last_attempt: attempt(4, 'running') },
    ),
    waiting: snapshotOf(
      'a',
      {
        state: 'waiting',
        until_ms: Date.now() + 12_000,
        attempt: 3,
        error: userError('mqtt.connection_lost'),
      },
      { last_attempt: attempt(5, 'failed') },
    ),
    failed: snapshotOf(
      'a',
      { state: 'failed', error: refused },
      { last_attempt: attempt(4, 'failed', refused) },
    ),
  };
  engine.sessions.set('a', states[scene as keyof typeof states] ?? states.connected);
  engine.sessions.set(
    'b',
    snapshotOf('b', { state: 'waiting', until_ms: Date.now() + 3_000, attempt: 2, error: refused }),
  );
}
engine.judge = (profile) => oddities(profile, scene);
if (scene === 'odd') engine.sessions.set('a', snapshotOf('a'));

if (scene !== 'empty') furnish(engine, scene === 'import-many' ? 5_000 : 0);
giveReports(engine, scene);
fillHistory(engine, scene);
useBackend(engine);
followLocale(() => app.settings.locale);

const target = document.getElementById('app');
if (target) {
  mount(App, { target });
  void app.start().then(async () => {
    await showForm(engine, scene, wanted.has('unfold'));
    await showExchange(scene);
    await showFind(engine, scene);
    await showHistory(engine, scene);
    await showDiagnosis(engine, scene, wanted.has('unfold'));
    await showProbe(engine, scene, wanted.has('unfold'));
    await showFilter(engine, scene);
    await showPublish(engine, scene);
    await showPackets(engine, scene);
    await showSubscriptions(engine, scene);
    await showComparison(engine, scene);
    await showSides(engine, scene);
  });
}
