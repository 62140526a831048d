/** Probes of brokers in memory: tables that a test puts there. */
import type { Event, ProbeId, ProbeOptions, ProbeReport, ProfileId } from '$src/bindings/engine';

import { userError } from './errors';

export class MemoryProbes {
  readonly #tell: (events: Event[]) => void;
  reports: ProbeReport[] = [];

  constructor(tell: (events: Event[]) => void) {
    this.#tell = tell;
  }

  readonly handlers = {
    probe_start: ({ profile, options }: { profile: ProfileId; options: ProbeOptions }) => {
      const id = `probe-${this.reports.length + 1}`;
      this.change({
        id,
        profile,
        name: profile,
        address: 'mqtt://127.0.0.1:1883',
        broker: null,
        began_ms: 0,
        options,
        finished: false,
        cancelled: false,
        trying: options.capabilities[0] ?? null,
        rows: [],
        left_behind: [],
        left_sessions: [],
        error: null,
      });
      return id;
    },
    probe_report: ({ probe }: { probe: ProbeId }) => this.#of(probe),
    probe_cancel: ({ probe }: { probe: ProbeId }) => {
      this.change({ ...this.#of(probe), finished: true, cancelled: true, trying: null });
      return null;
    },
    probes_list: () => [...this.reports].reverse(),
    probe_delete: ({ probe }: { probe: ProbeId }) => {
      this.reports = this.reports.filter((report) => report.id !== probe);
      return null;
    },
  };

  /** A table is like this now. */
  change(report: ProbeReport): void {
    this.reports = [...this.reports.filter((each) => each.id !== report.id), report];
    this.#tell([{ event: 'probe', probe: report.id, finished: report.finished }]);
  }

  #of(probe: ProbeId): ProbeReport {
    const report = this.reports.find((each) => each.id === probe);
    if (!report) throw userError('probe.not_found');
    return report;
  }
}
