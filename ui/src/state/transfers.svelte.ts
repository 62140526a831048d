/**
 * Messages that leave a history as a file, or come from one, while the dialog for it is open. The work itself is a job
 * of the engine and goes on without the dialog.
 */
import { call, pickFile, saveFile, toUserError } from '$src/backend';
import type {
  Job,
  JobId,
  MessageFormat,
  Profile,
  ProfileId,
  Retention,
  UserError,
  ViewFilter,
} from '$src/bindings/engine';

import type { Jobs } from './jobs.svelte';
import type { Profiles } from './profiles.svelte';

const EVERYTHING: ViewFilter = {
  ...{ topics: [], without_topics: [], direction: null, qos: [], retain: null, dup: null },
  ...{ from_us: null, until_us: null, min_size: null, max_size: null },
  ...{ payload: [], user_properties: [], content_type: '' },
};

const NO_LIMITS: Retention = { max_bytes: null, max_messages: null, max_age_s: null };

const ENDINGS = { json_lines: 'jsonl', csv: 'csv' } as const;

/** A name that every file system takes. */
export function fileName(name: string, ending: string): string {
  const plain = name.replaceAll(/[\\/:*?"<>|\p{Cc}\s]+/gu, ' ').replace(/^[. ]+|[. ]+$/g, '');
  return `${plain || 'mqttscope'}.${ending}`;
}

/** One job that a dialog began, until it is over. */
export abstract class Transfer {
  path = $state('');
  /** The command has not been answered yet. */
  busy = $state(false);
  /** Why it could not be begun. */
  error = $state.raw<UserError | null>(null);
  #job = $state.raw<JobId | null>(null);
  protected readonly jobs: Jobs;

  constructor(jobs: Jobs) {
    this.jobs = jobs;
  }

  /** The job, from its beginning until it is put away. */
  readonly job: Job | undefined = $derived.by(() => this.jobs.of(this.#job));

  readonly running: boolean = $derived(this.busy || this.job?.state === 'running');

  protected async begin(command: () => Promise<JobId>): Promise<void> {
    if (this.running) return;
    this.putAway();
    this.busy = true;
    this.error = null;
    try {
      this.#job = await command();
    } catch (error) {
      this.error = toUserError(error);
    } finally {
      this.busy = false;
    }
  }

  /** What there was to say of the last job was read. */
  putAway(): void {
    if (this.job && this.job.state !== 'running') this.jobs.putAway(this.job.job);
    if (this.job === undefined) this.#job = null;
  }
}

export class MessageExport extends Transfer {
  readonly profile: Profile;
  /** The conditions of what is shown, where that is not everything. */
  readonly filter: ViewFilter | null;
  what = $state<'all' | 'shown'>('all');
  format = $state<MessageFormat['kind']>('json_lines');
  byteOrderMark = $state(true);
  guarded = $state(true);

  constructor(jobs: Jobs, profile: Profile, filter: ViewFilter | null) {
    super(jobs);
    this.profile = profile;
    this.filter = filter;
    if (filter) this.what = 'shown';
  }

  /** Also gives the path the format's ending, where it had the other one. */
  setFormat(format: MessageFormat['kind']): void {
    this.format = format;
    this.path = this.path.replace(/\.(jsonl|csv)$/i, `.${ENDINGS[format]}`);
  }

  async choosePath(title: string): Promise<void> {
    const ending = ENDINGS[this.format];
    const name = this.path.trim() || fileName(this.profile.name, ending);
    this.path = (await saveFile({ title, name, extensions: [ending] })) ?? this.path;
  }

  async start(): Promise<void> {
    const filter = this.what === 'shown' && this.filter ? this.filter : EVERYTHING;
    const format: MessageFormat =
      this.format === 'csv'
        ? {
            kind: 'csv',
            byte_order_mark: this.byteOrderMark,
            formulas: this.guarded ? 'guarded' : 'as_they_are',
          }
        : { kind: 'json_lines' };
    const request = { format, filter, last: null };
    const asked = { profile: this.profile.id, path: this.path.trim(), request };
    await this.begin(() => call('history_export', asked));
  }
}

export class MessageImport extends Transfer {
  readonly profile: Profile;
  where = $state<'here' | 'copy'>('here');
  /** The profile that the messages go to. */
  target = $state.raw<ProfileId | null>(null);
  readonly #profiles: Profiles;

  constructor(jobs: Jobs, profiles: Profiles, profile: Profile, messages: number) {
    super(jobs);
    this.#profiles = profiles;
    this.profile = profile;
    if (messages > 0) this.where = 'copy';
  }

  async choosePath(title: string): Promise<void> {
    this.path = (await pickFile({ title, extensions: ['jsonl'] })) ?? this.path;
  }

  /** Begins it; `name` makes the copy's name from the original's. */
  async start(name: (original: string) => string): Promise<void> {
    const path = this.path.trim();
    await this.begin(async () => {
      if (this.where === 'here') {
        this.target = this.profile.id;
        return call('history_import', { profile: this.profile.id, path });
      }
      const copy = await this.#profiles.duplicate(this.profile.id, name);
      try {
        // Of what is brought in nothing is to go, however old or much it is.
        await call('history_limit', { profile: copy.id, retention: NO_LIMITS });
        const job = await call('history_import', { profile: copy.id, path });
        this.target = copy.id;
        this.jobs.whenOver(job, (over) => {
          if (over.state !== 'done') void this.#drop(copy.id);
        });
        return job;
      } catch (error) {
        await this.#drop(copy.id);
        throw error;
      }
    });
  }

  /** A copy that got no messages is of no use; it was never a person's, so there is nothing to take back. */
  async #drop(copy: ProfileId): Promise<void> {
    this.target = null;
    await call('profiles_delete', { ids: [copy] }).catch(() => undefined);
    await this.#profiles.load().catch(() => undefined);
  }
}
