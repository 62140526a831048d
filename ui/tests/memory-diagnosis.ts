/** Diagnoses for the engine in memory. One goes on when a test says so, as a real one does by itself. */
import type {
  DiagnosisId,
  DiagnosisOptions,
  Event,
  Fix,
  Profile,
  ProfileId,
  Report,
} from '$src/bindings/engine';

import { userError } from './errors';
import { allWell, grown } from './reports';

/** Numbers are given once in the life of an application, which tests share. */
let next: DiagnosisId = 1;

interface Running {
  report: Report;
  over: boolean;
}

export class MemoryDiagnosis {
  /** What `session_report` answers. */
  sessions = new Map<ProfileId, Report>();
  /** How a diagnosis ends that nobody ends before. */
  outcome: Report = allWell();
  /** What was written last. */
  saved: { path: string; pem: string[] } | null = null;
  readonly #tell: (events: Event[]) => void;
  readonly #running = new Map<DiagnosisId, Running>();

  constructor(tell: (events: Event[]) => void) {
    this.#tell = tell;
  }

  start(profile: Profile, options: DiagnosisOptions): DiagnosisId {
    const id = next++;
    const report = { ...this.outcome, endpoint: profile.endpoint, options };
    this.#running.set(id, { report: grown(report, 1), over: false });
    return id;
  }

  /** Lets the newest diagnosis get to a stage. */
  reach(count: number): void {
    const [id, running] = this.#newest();
    const { endpoint, options } = running.report;
    running.report = grown({ ...this.outcome, endpoint, options }, count);
    this.#tell([{ event: 'diagnosis', diagnosis: id, finished: false }]);
  }

  /** Lets the newest diagnosis come to its end. */
  finish(): void {
    const [id, running] = this.#newest();
    const { endpoint, options } = running.report;
    running.report = { ...this.outcome, endpoint, options };
    running.over = true;
    this.#tell([{ event: 'diagnosis', diagnosis: id, finished: true }]);
  }

  report(id: DiagnosisId): Report {
    return this.#one(id).report;
  }

  cancel(id: DiagnosisId): void {
    const running = this.#one(id);
    if (running.over) return;
    const { account } = running.report;
    const stages = (account?.attempt.stages ?? []).map((record) =>
      record.verdict === 'running' ? { ...record, verdict: 'cancelled' as const } : record,
    );
    running.over = true;
    running.report = {
      ...running.report,
      account: account && { ...account, attempt: { ...account.attempt, stages } },
      diagnosis: { verdict: 'cancelled', stage: null, causes: [], fixes: [] },
    };
    this.#tell([{ event: 'diagnosis', diagnosis: id, finished: true }]);
  }

  /** The profile with the changes of a fix. */
  apply(profile: Profile, fix: Fix): Profile {
    const changed = structuredClone(profile);
    for (const { field, after } of fix.changes) put(changed, field.split('.'), after);
    return changed;
  }

  #one(id: DiagnosisId): Running {
    const running = this.#running.get(id);
    if (!running) throw userError('internal', 'there is no such diagnosis');
    return running;
  }

  #newest(): [DiagnosisId, Running] {
    const id = next - 1;
    return [id, this.#one(id)];
  }
}

function put(target: object, [name, ...rest]: string[], value: unknown): void {
  const place = target as Record<string, unknown>;
  if (name === undefined) return;
  if (rest.length === 0) place[name] = value;
  else put(place[name] as object, rest, value);
}
