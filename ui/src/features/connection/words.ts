/** States and stages in words. */
import type { ConnectStage, Profile, SessionState, StageVerdict } from '$src/bindings/engine';
import { getLocale, m } from '$src/i18n';
import { formats } from '$src/lib/format';

export type Tone = 'idle' | 'busy' | 'ok' | 'warn' | 'bad';

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

/** A state with what is known of it: how long it took, how far it is. */
export function stateLine(state: SessionState): string {
  const format = formats(getLocale());
  switch (state.state) {
    case 'connected':
      return m.connection_connected_in({ time: format.duration(state.took_ms) });
    case 'connecting':
      return m.connection_connecting_stage({ stage: stageWord(state.stage) });
    case 'waiting':
      return m.connection_waiting_attempt({ number: format.count(state.attempt) });
    default:
      return stateWord(state);
  }
}

/** Whether nothing is under way, so that a person would connect. */
export function isIdle(state: SessionState): boolean {
  return state.state === 'disconnected' || state.state === 'failed';
}

/** What the one button does that changes a state. */
export function actionWord(state: SessionState): string {
  if (state.state === 'connected') return m.connection_disconnect();
  if (state.state === 'failed') return m.connection_again();
  return isIdle(state) ? m.connection_connect() : m.connection_cancel();
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
