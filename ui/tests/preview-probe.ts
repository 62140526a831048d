/** Tables for the preview: the scenes `probe` (before it begins), `-running`, `-done`, `-left`, `-error`, `-compare` and `-kept`; &unfold opens what happened. */
import { flushSync } from 'svelte';

import type {
  Capability,
  CapabilityRow,
  CapabilityVerdict,
  ProbeReport,
} from '$src/bindings/engine';
import { app } from '$src/state/app.svelte';
import { CAPABILITIES, probes, probingOf } from '$src/state/probes.svelte';

import { userError } from './errors';
import type { MemoryEngine } from './memory';

type Line = [Capability, CapabilityVerdict, string | null, string | null, string];

const LINES: Line[] = [
  ['mqtt31', 'yes', null, null, 'CONNACK Success (0x00)'],
  ['mqtt311', 'yes', null, null, 'CONNACK Success (0x00)'],
  ['mqtt50', 'yes', null, null, 'CONNACK Success (0x00)'],
  ['maximum_qos', 'yes', '2', null, 'QoS 0 came as 0, QoS 1 came as 1, QoS 2 came as 2'],
  [
    'retained',
    'yes',
    null,
    null,
    'came to a later subscription with RETAIN 1; an empty one removed it',
  ],
  ['wildcards', 'yes', '+ #', null, '+: 2 of 2 messages came; #: 3 of 3 messages came'],
  [
    'shared',
    'yes',
    '10 + 10',
    null,
    'of 20 messages 10 came to one member and 10 to the other, each once',
  ],
  ['subscription_identifiers', 'yes', null, null, 'Subscription Identifier 4711 came back'],
  ['topic_alias', 'yes', '10', '10', 'a message with alias 10 alone came under its topic'],
  ['packet_size', 'yes', '1048576', null, '1048576 bytes came back, the most that was tried'],
  [
    'client_id_length',
    'yes',
    '65535',
    null,
    '65535 bytes were taken, the most that MQTT can carry',
  ],
  ['client_id_characters', 'yes', '␣ / + # ü 中 😀 $', null, 'all were taken'],
  [
    'client_id_empty',
    'yes',
    '3.1.1, 5.0',
    null,
    '3.1.1: taken; 5.0: Assigned Client Identifier "auto-002D32DE-7027-9A27-551A-2D532B545B33"',
  ],
  [
    'message_expiry',
    'yes',
    null,
    null,
    'a message of 1 s did not come 2.6 s later, one of 120 s came with 117 s left',
  ],
  [
    'will_delay',
    'yes',
    '2.4 s',
    null,
    'Will Delay Interval 2 s: the Will Message came after 2.4 s',
  ],
  [
    'session_expiry',
    'yes',
    '3 / 3',
    null,
    'Session Present 1, 3 of 3 messages waited; a session of 1 s was gone after 3.1 s',
  ],
];

const LIMITED: Line[] = [
  [
    'maximum_qos',
    'limited',
    '1',
    '1',
    'QoS 0 came as 0, QoS 1 came as 1; above 1 nothing was sent [MQTT-3.2.2-11]',
  ],
  ['retained', 'no', null, 'no', 'Retain Available 0; nothing was sent [MQTT-3.2.2-14]'],
  ['topic_alias', 'no', null, '0', 'Topic Alias Maximum 0; none was sent [MQTT-3.3.2-9]'],
  [
    'packet_size',
    'limited',
    '20000',
    '20000',
    '20000 bytes came back, as large as is announced; nothing larger was sent [MQTT-3.2.2-15]',
  ],
  [
    'client_id_length',
    'limited',
    '1024',
    null,
    '1024 bytes were taken; 65535 bytes: the broker closed the connection',
  ],
  [
    'client_id_empty',
    'no',
    null,
    null,
    '3.1.1: CONNACK identifier rejected (0x02); 5.0: CONNACK Unspecified error (0x80)',
  ],
  [
    'shared',
    'yes',
    '9 + 11',
    'yes',
    'of 20 messages 9 came to one member and 11 to the other, each once',
  ],
  ['will_delay', 'unknown', null, null, 'no answer within 5 s'],
];

function rowsOf(lines: Line[]): CapabilityRow[] {
  return lines.map(([capability, verdict, value, announced, evidence], index) => ({
    capability,
    verdict,
    value,
    announced,
    evidence,
    took_ms: 3 + index * 190,
  }));
}

/** A table of a broker that can do everything, changed where `changes` say so. */
export function probeReport(changes: Partial<ProbeReport> = {}): ProbeReport {
  return {
    id: 'probe-a',
    profile: 'a',
    name: 'plant-a gateway',
    address: 'mqtts://gw.plant-a.example:8883',
    broker: 'mosquitto version 2.0.11',
    began_ms: Date.UTC(2026, 10, 21, 10, 13),
    options: {
      prefix: 'mqttscope-probe',
      capabilities: [...CAPABILITIES],
      largest_packet: 1_048_576,
    },
    finished: true,
    cancelled: false,
    trying: null,
    rows: rowsOf(LINES),
    left_behind: [],
    left_sessions: [],
    error: null,
    ...changes,
  };
}

/** A table of a broker with limits. */
export function limitedReport(changes: Partial<ProbeReport> = {}): ProbeReport {
  const rows = rowsOf(LINES).map(
    (row) => rowsOf(LIMITED).find(({ capability }) => capability === row.capability) ?? row,
  );
  return probeReport({
    id: 'probe-b',
    profile: 'b',
    name: 'plant-b gateway',
    address: 'wss://gw.plant-b.example:8084/mqtt',
    broker: null,
    began_ms: Date.UTC(2026, 10, 20, 16, 2),
    rows,
    ...changes,
  });
}

export async function showProbe(
  engine: MemoryEngine,
  scene: string,
  unfold: boolean,
): Promise<void> {
  if (!scene.startsWith('probe')) return;
  const probing = probingOf('a');
  const reports: Record<string, ProbeReport[]> = {
    'probe-running': [
      limitedReport(),
      probeReport({ finished: false, trying: 'shared', rows: rowsOf(LINES).slice(0, 6) }),
    ],
    'probe-done': [limitedReport(), probeReport()],
    'probe-left': [
      limitedReport({
        profile: 'a',
        left_behind: ['mqttscope-probe/5f0c21aa/retained'],
        left_sessions: ['plant-a-gatewayp21aa0c'],
      }),
    ],
    'probe-error': [
      probeReport({
        error: userError('mqtt.not_authorised', 'The broker refused three connections in a row.'),
        rows: rowsOf(
          LINES.map(([capability]) => [capability, 'unknown', null, null, 'not reached']),
        ),
        broker: null,
      }),
    ],
    'probe-compare': [
      limitedReport(),
      probeReport(),
      probeReport({
        id: 'probe-c',
        name: 'UIoT 网关 07',
        address: 'mqtt://iot.example:1883',
        broker: 'EMQX 5.8.1',
      }),
    ],
  };
  engine.probes.reports = reports[scene] ?? [];
  app.go({ at: 'probe', id: 'a' });
  await probes.load();
  if (scene === 'probe-compare') probing.ticked = ['probe-a', 'probe-b', 'probe-c'];
  if (!unfold) return;
  await new Promise((shown) => setTimeout(shown, 200));
  const folds = '[data-testid^=probe-evidence-][aria-expanded=false]';
  for (const fold of document.querySelectorAll<HTMLElement>(folds)) fold.click();
  flushSync();
}
