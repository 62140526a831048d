/** The built-in local broker, as the engine tells it. */
import { call } from '$src/backend';
import type { BrokerState } from '$src/bindings/engine';

export class Broker {
  state = $state.raw<BrokerState>({ state: 'stopped' });

  async load(): Promise<void> {
    this.changed(await call('broker_state', {}));
  }

  /** Takes in an event of the engine. */
  changed(state: BrokerState): void {
    this.state = state;
  }

  async start(): Promise<void> {
    await call('broker_start', {});
  }

  async stop(): Promise<void> {
    await call('broker_stop', {});
  }
}
