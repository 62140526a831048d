/** Limits, recording and long work of the engine in memory. Jobs stay where a test puts them. */
import type {
  Commands,
  Event,
  ExportRequest,
  HistoryUsage,
  Job,
  JobId,
  JobKind,
  ProfileId,
  Removed,
  Retention,
} from '$src/bindings/engine';

type Handlers = {
  [K in keyof Commands]: (args: Commands[K]['args']) => Commands[K]['result'];
};
type Handled =
  | 'history_usage'
  | 'history_limit'
  | 'history_record'
  | 'history_export'
  | 'history_import'
  | 'history_compact'
  | 'view_clear'
  | 'jobs_list'
  | 'job_cancel';
type Over =
  | { state: 'running' }
  | Pick<Extract<Job, { state: 'done' }>, 'state' | 'result'>
  | { state: 'cancelled' }
  | Pick<Extract<Job, { state: 'failed' }>, 'state' | 'error'>;

/** What the jobs must know of the rest of the engine. */
export interface Owner {
  readonly profiles: { id: ProfileId; retention: Retention }[];
  recording: boolean;
  messages(): number;
  tell(events: Event[]): void;
  tellHistory(profile: ProfileId): void;
}

export class MemoryJobs {
  list: Job[] = [];
  removed: Removed = { messages: 0, bytes: 0, since_us: null };
  /** What `history_usage` answers besides limits and what they removed. */
  usage: Partial<HistoryUsage['usage'] & Pick<HistoryUsage, 'oldest_us' | 'bookmarks'>> = {};
  /** The last export that was asked for. */
  asked: ExportRequest | null = null;

  readonly #owner: Owner;

  constructor(owner: Owner) {
    this.#owner = owner;
  }

  begin(profile: ProfileId, kind: JobKind, path = ''): JobId {
    const job = this.list.length + 1;
    const progress = { stage: 'moving' as const, done: 0, total: 0, messages: 0, bytes: 0 };
    this.list = [...this.list, { job, profile, kind, path, progress, state: 'running' }];
    this.#tell(job);
    return job;
  }

  /** Moves a job on. */
  progress(job: JobId, part: Partial<Job['progress']>): void {
    this.list = this.list.map((each) =>
      each.job === job ? { ...each, progress: { ...each.progress, ...part } } : each,
    );
    this.#tell(job);
  }

  /** Ends a job, or lets it run again. */
  put(id: JobId, over: Over): void {
    this.list = this.list.map((each) => {
      const { job, profile, kind, path, progress } = each;
      return job === id ? { job, profile, kind, path, progress, ...over } : each;
    });
    this.#tell(id);
  }

  #tell(id: JobId): void {
    const job = this.list.find((each) => each.job === id);
    if (job) this.#owner.tell([{ event: 'job', job }]);
  }

  #usage(profile: ProfileId): HistoryUsage {
    const messages = this.#owner.messages();
    const { oldest_us = null, bookmarks = 0, ...usage } = this.usage;
    const retention = this.#owner.profiles.find(({ id }) => id === profile)?.retention;
    return {
      usage: {
        messages,
        payload_bytes: messages * 80,
        file_bytes: messages * 180,
        free_bytes: 0,
        log_bytes: 0,
        ...usage,
      },
      retention: retention ?? { max_bytes: null, max_messages: null, max_age_s: null },
      removed: this.removed,
      oldest_us,
      bookmarks,
    };
  }

  readonly handlers: Pick<Handlers, Handled> = {
    history_usage: ({ profile }) => this.#usage(profile),
    history_limit: ({ profile, retention }) => {
      const found = this.#owner.profiles.find(({ id }) => id === profile);
      if (found) found.retention = retention;
      this.#owner.tell([{ event: 'profiles' }]);
      return null;
    },
    history_record: ({ profile, on }) => {
      this.#owner.recording = on;
      this.#owner.tellHistory(profile);
      return null;
    },
    history_export: ({ profile, path, request }) => {
      this.asked = request;
      return this.begin(profile, 'export', path);
    },
    history_import: ({ profile, path }) => this.begin(profile, 'import', path),
    history_compact: ({ profile }) => this.begin(profile, 'compact'),
    view_clear: () => this.begin(this.#owner.profiles[0]?.id ?? '', 'clear_view'),
    jobs_list: () => this.list,
    job_cancel: ({ job }) => {
      this.put(job, { state: 'cancelled' });
      return null;
    },
  };
}
