/** The local broker's state in words. */
import type { BrokerState } from '$src/bindings/engine';
import { m } from '$src/i18n';

export function brokerTone(state: BrokerState): 'idle' | 'busy' | 'ok' | 'bad' {
  const tones = { stopped: 'idle', starting: 'busy', running: 'ok', failed: 'bad' } as const;
  return tones[state.state];
}

export function brokerWord(state: BrokerState): string {
  switch (state.state) {
    case 'stopped':
      return m.broker_state_stopped();
    case 'starting':
      return m.broker_state_starting();
    case 'running':
      return m.broker_state_running();
    case 'failed':
      return m.broker_state_failed();
  }
}
