/**
 * A diagnosis from its start to its end: the longer attempt of one profile, saved or not, beside whatever runs.
 *
 * Events only say that it went on; the report is pulled then, one pull at a time, so that a diagnosis that goes fast
 * costs the window no more than one that goes slowly. Whether it is over the report says itself: it is judged then. So
 * nothing is lost where an event comes before the engine's answer to the start, or not at all.
 */
import { call, toUserError } from '$src/backend';
import type {
  DiagnosisId,
  DiagnosisOptions,
  Event,
  Profile,
  Report,
  SecretEdit,
  UserError,
} from '$src/bindings/engine';
import { PullScheduler } from '$src/lib/pull';

type Told = Extract<Event, { event: 'diagnosis' }>;

const runs = new Set<DiagnosisRun>();

/** Passes an event to the diagnosis that it is about. */
export function diagnosisChanged({ diagnosis, finished }: Told): void {
  for (const run of runs) if (run.id === diagnosis) run.changed(finished);
}

/** Asks for every running diagnosis anew: after a gap in the events. */
export function reloadDiagnoses(): void {
  for (const run of runs) run.changed(false);
}

/** Nothing beyond an attempt to connect. */
export const NO_OPTIONS: DiagnosisOptions = {
  subscribe: false,
  stay: false,
  other_schemes: false,
  other_client_id: false,
};

export class DiagnosisRun {
  /** What was seen so far, of the diagnosis that runs or of the last one. */
  report = $state.raw<Report | null>(null);
  /** Whether it runs. */
  busy = $state(false);
  /** Whether it was asked to end and has not ended yet. */
  cancelling = $state(false);
  /** Why it could not be begun or followed. */
  error = $state.raw<UserError | null>(null);
  id: DiagnosisId | null = null;

  /** Counts the starts; answers to an earlier one come too late. */
  #start = 0;
  #pulls: PullScheduler | null = null;

  /** Begins it; one that runs is ended first. It goes on as events tell. */
  async start(
    profile: Profile,
    secrets: SecretEdit[] = [],
    options: DiagnosisOptions = NO_OPTIONS,
  ): Promise<void> {
    if (this.busy) await this.cancel();
    const start = ++this.#start;
    this.#leave();
    this.report = null;
    this.error = null;
    this.busy = true;
    try {
      const id = await call('diagnosis_start', { profile, secrets, options });
      if (start !== this.#start) {
        void call('diagnosis_cancel', { diagnosis: id }).catch(() => undefined);
        return;
      }
      this.id = id;
      this.#pulls = new PullScheduler(() => this.#pull(id));
      runs.add(this);
      this.changed(true);
    } catch (error) {
      if (start === this.#start) this.#failed(error);
    }
  }

  /** Ends it, wherever it is; what was seen stays. */
  async cancel(): Promise<void> {
    const { busy, id } = this;
    if (!busy) return;
    if (id === null) {
      // It is being started: the answer finds that it is not wanted any more.
      this.#start += 1;
      this.busy = false;
      return;
    }
    this.cancelling = true;
    try {
      await call('diagnosis_cancel', { diagnosis: id });
    } catch (error) {
      if (this.id === id) this.#failed(error);
      return;
    }
    this.changed(true);
  }

  /** Ends it and forgets what was seen: its place is left. */
  async close(): Promise<void> {
    await this.cancel();
    this.#start += 1;
    this.#leave();
    this.busy = false;
    this.report = null;
    this.error = null;
  }

  /** It went on; at its end the report is wanted at once. */
  changed(finished: boolean): void {
    this.#pulls?.request(finished ? 'now' : 'soon');
  }

  async #pull(id: DiagnosisId): Promise<void> {
    try {
      const report = await call('diagnosis_report', { diagnosis: id });
      if (this.id !== id) return;
      this.report = report;
      if (report.diagnosis !== null) this.#ended();
    } catch (error) {
      if (this.id === id) this.#failed(error);
    }
  }

  #failed(error: unknown): void {
    this.error = toUserError(error);
    this.#ended();
  }

  #ended(): void {
    this.#leave();
    this.busy = false;
  }

  #leave(): void {
    this.#pulls?.stop();
    this.#pulls = null;
    runs.delete(this);
    this.id = null;
    this.cancelling = false;
  }
}
