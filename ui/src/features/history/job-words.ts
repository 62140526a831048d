/** Long work in words: what goes on, how far it is, and what came of it. */
import type { Job, UserError } from '$src/bindings/engine';
import { getLocale, m } from '$src/i18n';
import { errorWords, type ErrorWords } from '$src/i18n/errors';
import { formats } from '$src/lib/format';
import { share } from '$src/state/jobs.svelte';

const format = () => formats(getLocale());

const NAMES = {
  export: () => m.job_name_export(),
  import: () => m.job_name_import(),
  compact: () => m.job_name_compact(),
  clear_view: () => m.job_name_clear_view(),
  export_packets: () => m.job_name_export(),
};

/** What goes on. */
export function jobTitle(job: Job, profile: string): string {
  switch (job.kind) {
    case 'export':
      return m.job_export({ profile });
    case 'import':
      return job.progress.stage === 'checking'
        ? m.job_import_checking({ profile })
        : m.job_import({ profile });
    case 'compact':
      return m.job_compact({ profile });
    case 'clear_view':
      return m.job_clear_view({ profile });
    case 'export_packets':
      return m.job_export_packets({ profile });
  }
}

/** How far it is: `42% · 1,204 messages`; empty before it has begun. */
export function jobProgress(job: Job): string {
  const part = share(job);
  if (part === null) return '';
  const percent = format().percent(part);
  const { messages } = job.progress;
  if (messages === 0) return percent;
  const far = { part: percent, count: format().count(messages) };
  return job.kind === 'export_packets' ? m.job_progress_packets(far) : m.job_progress(far);
}

export interface JobOutcome {
  tone: 'plain' | 'bad';
  title: string;
  /** What to do about a failure. */
  hint: string;
  /** Technical words: where to, or why. */
  detail: string;
}

/** What came of it; null while it runs. */
export function jobOutcome(job: Job, profile: string): JobOutcome | null {
  switch (job.state) {
    case 'running':
      return null;
    case 'failed': {
      const { title, hint, detail } = transferWords(job.error);
      const words = m.job_failed({ title: NAMES[job.kind](), problem: title });
      return { tone: 'bad', title: words, hint, detail };
    }
    case 'cancelled':
      return { tone: 'plain', title: cancelled(job), hint: '', detail: '' };
    case 'done':
      return { tone: 'plain', title: done(job, profile), hint: '', detail: job.path };
  }
}

function cancelled({ kind, progress }: Job): string {
  if (kind === 'import') return m.job_import_cancelled();
  return m.job_clear_cancelled({ count: format().count(progress.done) });
}

function done({ kind, result }: Extract<Job, { state: 'done' }>, profile: string): string {
  const count = format().count(result.messages);
  switch (kind) {
    case 'export':
      return m.job_exported({ count, size: format().size(result.bytes) });
    case 'import':
      return m.job_imported({ count, profile });
    case 'compact':
      return result.bytes === 0
        ? m.job_compacted_nothing({ profile })
        : m.job_compacted({ profile, size: format().disk(result.bytes) });
    case 'clear_view':
      return m.job_cleared({ count, profile });
    case 'export_packets':
      return m.job_exported_packets({ count, size: format().size(result.bytes) });
  }
}

/** Errors of files of messages. Most codes are of files of profiles too, and their usual words speak of those. */
function transferWords(error: UserError): ErrorWords {
  const words = errorWords(error);
  const { line, column } = error.details;
  switch (error.code) {
    case 'import.unreadable':
      if (line === undefined) {
        return {
          ...words,
          title: m.messages_import_not_read(),
          hint: m.messages_import_not_read_hint(),
        };
      }
      return {
        ...words,
        title: m.messages_import_line({ line, column: column ?? '1' }),
        hint: m.messages_import_line_hint(),
      };
    case 'import.too_large':
      return {
        ...words,
        title: m.messages_import_too_large({ line: line ?? '' }),
        hint: m.messages_import_line_hint(),
      };
    default:
      return words;
  }
}
