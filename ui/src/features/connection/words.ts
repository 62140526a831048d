/** States, stages and CONNACK facts in words. */
import type {
  ConnackInfo,
  ConnectStage,
  Profile,
  SessionState,
  StageVerdict,
} from '$src/bindings/engine';
import { getLocale, m } from '$src/i18n';
import { formats } from '$src/lib/format';

export type Tone = 'idle' | 'busy' | 'ok' | 'warn' | 'bad';

/** Session Expiry Interval that never ends (MQTT 5.0, 3.1.2.11.2). */
const NEVER = 0xffff_ffff;

export function stateTone(state: SessionState): Tone {
  switch (state.state) {
    case 'disconnected':
      return 'idle';
    case 'connecting':
      return 'busy';
    case 'connected':
      return 'ok';
    case 'waiting':
      return 'warn';
    case 'failed':
      return 'bad';
  }
}

export function stateWord(state: SessionState): string {
  switch (state.state) {
    case 'disconnected':
      return m.connection_state_disconnected();
    case 'connecting':
      return m.connection_state_connecting();
    case 'connected':
      return m.connection_state_connected();
    case 'waiting':
      return m.connection_state_waiting();
    case 'failed':
      return m.connection_state_failed();
  }
}

export function stageWord(stage: ConnectStage): string {
  const words: Record<ConnectStage, () => string> = {
    settings: m.connection_stage_settings,
    name: m.connection_stage_name,
    tcp: m.connection_stage_tcp,
    proxy: m.connection_stage_proxy,
    tls: m.connection_stage_tls,
    web_socket: m.connection_stage_web_socket,
    mqtt: m.connection_stage_mqtt,
    subscribe: m.connection_stage_subscribe,
    staying: m.connection_stage_staying,
  };
  return words[stage]();
}

export function verdictWord(verdict: StageVerdict): string {
  const words: Record<StageVerdict, () => string> = {
    running: m.connection_verdict_running,
    passed: m.connection_verdict_passed,
    failed: m.connection_verdict_failed,
    cancelled: m.connection_verdict_cancelled,
  };
  return words[verdict]();
}

/** Whether a profile's broker is not verified although the stream is encrypted. */
export function isUnverified(profile: Profile): boolean {
  const { scheme } = profile.endpoint;
  return (scheme === 'mqtts' || scheme === 'wss') && !profile.tls.verify;
}

/** The broker's address as written. */
export function addressOf({ endpoint }: Profile): string {
  const { scheme, host, port, path } = endpoint;
  const authority = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return `${scheme}://${authority}${scheme === 'ws' || scheme === 'wss' ? path : ''}`;
}

export interface Fact {
  name: string;
  value: string;
}

/** What the CONNACK said, as far as it said anything. */
export function connackFacts(connack: ConnackInfo): Fact[] {
  const format = formats(getLocale());
  const yesNo = (yes: boolean) => (yes ? m.connection_yes() : m.connection_no());
  const expiry = (seconds: number) =>
    seconds === NEVER ? m.connection_never() : format.seconds(seconds);
  const facts: (Fact | null)[] = [
    { name: m.connection_fact_session_present(), value: yesNo(connack.session_present) },
    fact(m.connection_fact_client_id(), connack.assigned_client_id, String),
    {
      name: m.connection_fact_keep_alive(),
      value: connack.keep_alive === 0 ? m.connection_off() : format.seconds(connack.keep_alive),
    },
    fact(m.connection_fact_session_expiry(), connack.session_expiry, expiry),
    fact(m.connection_fact_maximum_qos(), connack.maximum_qos, String),
    fact(m.connection_fact_retain(), connack.retain_available, yesNo),
    fact(m.connection_fact_packet_size(), connack.maximum_packet_size, format.bytes),
    fact(m.connection_fact_receive_maximum(), connack.receive_maximum, format.count),
    fact(m.connection_fact_topic_alias(), connack.topic_alias_maximum, format.count),
    fact(m.connection_fact_reason(), connack.reason_string, String),
  ];
  return facts.filter((each) => each !== null);
}

function fact<T>(name: string, value: T | null, words: (value: T) => string): Fact | null {
  return value === null ? null : { name, value: words(value) };
}
