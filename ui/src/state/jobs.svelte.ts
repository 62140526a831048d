/**
 * Long work on histories: what runs, and what is over and was not read yet.
 *
 * The engine keeps the last that are over, so that a window that was reloaded finds their results. Which of them were
 * read is the window's: a job that was put away does not come back with a snapshot.
 */
import { call } from '$src/backend';
import type { Job, JobId, ProfileId } from '$src/bindings/engine';

export type DoneJob = Extract<Job, { state: 'done' }>;

/** How far a job is, from 0 to 1; null where the whole is not known yet. */
export function share({ progress }: Job): number | null {
  return progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
}

export class Jobs {
  #list = $state.raw<Job[]>([]);
  readonly #read = new Set<JobId>();
  #asked = $state.raw<JobId[]>([]);

  /** What runs and what is over and not read, the oldest first. */
  get list(): Job[] {
    return this.#list;
  }

  readonly running: Job[] = $derived(this.#list.filter(({ state }) => state === 'running'));

  async load(): Promise<void> {
    const jobs = await call('jobs_list', {});
    this.#list = jobs.filter(({ job }) => !this.#read.has(job));
  }

  /** Takes in an event of the engine. */
  changed(job: Job): void {
    if (this.#read.has(job.job)) return;
    // What a person cancelled needs no word: it is gone as was wished.
    if (job.state === 'cancelled') {
      this.putAway(job.job);
      return;
    }
    const known = this.#list.some((each) => each.job === job.job);
    this.#list = known
      ? this.#list.map((each) => (each.job === job.job ? job : each))
      : [...this.#list, job];
  }

  of(id: JobId | null): Job | undefined {
    return this.#list.find(({ job }) => job === id);
  }

  /** Whether such work runs on a history. */
  runs(profile: ProfileId, kind: Job['kind']): boolean {
    return this.running.some((job) => job.profile === profile && job.kind === kind);
  }

  /** Whether a job was asked to end and has not ended yet. */
  isEnding(id: JobId): boolean {
    return this.#asked.includes(id);
  }

  async cancel(id: JobId): Promise<void> {
    this.#asked = [...this.#asked, id];
    try {
      await call('job_cancel', { job: id });
    } catch (error) {
      this.#asked = this.#asked.filter((each) => each !== id);
      throw error;
    }
  }

  /** The result was read. */
  putAway(id: JobId): void {
    this.#read.add(id);
    this.#asked = this.#asked.filter((each) => each !== id);
    this.#list = this.#list.filter(({ job }) => job !== id);
  }
}
