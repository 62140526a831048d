/**
 * Long work on histories: what runs, and what is over and was not read yet.
 *
 * The engine keeps the last that are over, so that a window that was reloaded finds their results. Which of them were
 * read is the window's: a job that was put away does not come back with a snapshot.
 */
import { SvelteSet } from 'svelte/reactivity';

import { call } from '$src/backend';
import type { Job, JobId } from '$src/bindings/engine';

/** How far a job is, from 0 to 1; null where the whole is not known yet. */
export function share({ progress }: Job): number | null {
  return progress.total > 0 ? Math.min(1, progress.done / progress.total) : null;
}

/** A cancelled export is gone as was wished, and so is a compaction; what others did before stays, which is to be said. */
function isWorthAWord({ kind, state }: Job): boolean {
  return state !== 'cancelled' || kind === 'import' || kind === 'clear_view';
}

export class Jobs {
  #list = $state.raw<Job[]>([]);
  readonly #read = new Set<JobId>();
  readonly #ending = new SvelteSet<JobId>();
  readonly #attended = new SvelteSet<JobId>();
  readonly #waiting = new Map<JobId, (job: Job) => void>();

  readonly running: Job[] = $derived(this.#list.filter(({ state }) => state === 'running'));

  /** Those that no dialog shows. */
  readonly unattended: Job[] = $derived(this.#list.filter(({ job }) => !this.#attended.has(job)));

  /** What runs, and what is over and not read, the oldest first. */
  get list(): Job[] {
    return this.#list;
  }

  async load(): Promise<void> {
    const jobs = await call('jobs_list', {});
    for (const job of jobs) this.changed(job);
    // What the engine does not keep any more is long over.
    const kept = new Set(jobs.map(({ job }) => job));
    this.#list = this.#list.filter(({ job }) => kept.has(job));
  }

  /** Takes in an event of the engine. */
  changed(job: Job): void {
    const id = job.job;
    if (job.state !== 'running') {
      this.#ending.delete(id);
      this.#waiting.get(id)?.(job);
      this.#waiting.delete(id);
    }
    if (this.#read.has(id)) return;
    if (!isWorthAWord(job)) {
      this.putAway(id);
      return;
    }
    const isKnown = this.#list.some((each) => each.job === id);
    this.#list = isKnown
      ? this.#list.map((each) => (each.job === id ? job : each))
      : [...this.#list, job];
  }

  of(id: JobId | null): Job | undefined {
    return this.#list.find(({ job }) => job === id);
  }

  /** Calls back once when a job is over, or at once where it is. */
  whenOver(id: JobId, run: (job: Job) => void): void {
    const job = this.of(id);
    if (job && job.state !== 'running') run(job);
    else this.#waiting.set(id, run);
  }

  /** A dialog shows this job; the answer says that it does not any more. */
  attend(id: JobId): () => void {
    this.#attended.add(id);
    return () => this.#attended.delete(id);
  }

  /** Whether a job was asked to end and has not ended yet. */
  isEnding(id: JobId): boolean {
    return this.#ending.has(id);
  }

  async cancel(id: JobId): Promise<void> {
    this.#ending.add(id);
    try {
      await call('job_cancel', { job: id });
    } catch (error) {
      this.#ending.delete(id);
      throw error;
    }
  }

  /** The result was read. */
  putAway(id: JobId): void {
    this.#read.add(id);
    this.#list = this.#list.filter(({ job }) => job !== id);
  }
}
