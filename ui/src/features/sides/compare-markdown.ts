/** A comparison as Markdown, for a ticket. Strangers' text loses its meaning for Markdown and stays in its cell. */
import type { SidesMessage, SidesPage, SidesRow, SidesState } from '$src/bindings/engine';
import { codeSpan, escapeText } from '$src/features/diagnosis/markdown';
import { m } from '$src/i18n';
import type { Formats } from '$src/lib/format';
import { KINDS, type Patience } from '$src/state/sides-comparison-options';

import {
  KIND_WORDS,
  kindText,
  laterText,
  nameOf,
  sinceText,
  spanText,
  withoutProperties,
  type Both,
} from './compare-words';

/** The most rows of a copy: what a person reads in a ticket. */
export const COPIED_ROWS = 100;

export interface Said {
  both: Both;
  /** The filter as its bar writes it; empty where everything is compared. */
  filter: string;
  patience: Patience;
  progress: SidesState;
  /** The newest rows of the kinds that are shown. */
  page: SidesPage;
  nowMs: number;
}

export function markdownOf(said: Said, format: Formats, locale: string): string {
  const { both, filter, patience, progress, page } = said;
  const names = { left: escapeText(nameOf(both.left)), right: escapeText(nameOf(both.right)) };
  const without = withoutProperties(progress, both);
  const facts = [
    filter === '' ? '' : `${m.comparison_md_filter()}: ${codeSpan(filter)}`,
    sinceText(patience.since),
    m.comparison_late_after({ time: spanText(patience.late_ms, format) }),
    m.comparison_missing_after({ time: spanText(patience.wait_ms, format) }),
    m.comparison_compared({ count: format.count(progress.compared) }),
    progress.let_go > 0 ? m.comparison_let_go({ count: format.count(progress.let_go) }) : '',
    without === null ? '' : escapeText(without),
  ].filter((fact) => fact !== '');
  const counts = KINDS.map((kind) => [
    escapeText(kindText(kind, both)),
    format.count(progress.counts[kind]),
  ]);
  const shown = { shown: format.count(page.rows.length), total: format.count(page.total) };
  const rows = page.rows.map((row) => cellsOf(row, format, locale));
  const head = [
    m.messages_column_time(),
    m.comparison_column_kind(),
    'Δ',
    m.messages_column_topic(),
    names.left,
    names.right,
  ];
  return [
    `# ${m.comparison_md_title(names)}`,
    m.comparison_md_made({ time: format.moment(said.nowMs * 1_000) }),
    facts.map((fact) => `- ${fact}`).join('\n'),
    table([m.comparison_column_kind(), '#'], counts),
    ...(rows.length > 0 ? [m.comparison_md_rows(shown), table(head, rows)] : []),
    '',
  ].join('\n\n');
}

function cellsOf(row: SidesRow, format: Formats, locale: string): string[] {
  return [
    format.time(row.time_us),
    KIND_WORDS[row.kind].word(),
    laterText(row, locale),
    codeSpan(row.topic),
    payloadOf(row.left),
    payloadOf(row.right),
  ];
}

function payloadOf(message: SidesMessage | null): string {
  if (!message) return '—';
  return message.content ? codeSpan(message.content.preview) : m.comparison_not_stored();
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
