/**
 * A report as Markdown, in the window's language: what a person pastes into an issue or a chat.
 *
 * Strangers' text is masked first and escaped then. Where it stands alone it goes into code spans and code blocks with
 * fences longer than any run of backticks in it; inside of sentences every sign that Markdown, HTML or a forge would read
 * (links, mentions) loses its meaning. Nothing in it can begin a line of its own.
 */
import type { Cause, CertificateFacts, Fix, Profile, Report } from '$src/bindings/engine';
import { stageWord } from '$src/features/connection/words';
import { m } from '$src/i18n';
import { apartWords, causeWords, fixWords } from '$src/i18n/diagnosis';
import { errorWords } from '$src/i18n/errors';
import { manyLines, oneLine } from '$src/lib/visible';

import type { Block, Cell, Fact } from './blocks';
import { certificateFacts, certificateRole } from './certificates';
import { differenceOf } from './changes';
import { evidenceOf, otherSchemesBlocks, pastBlocks } from './evidence';
import { Masker, namesOf, type Masks } from './masking';
import { stageRows } from './stages';
import { beganWord, endpointWord, reportWord, spanWord, validityOf, verdictWord } from './words';

type Mask = (text: string) => string;

export interface Source {
  report: Report;
  /** Whose it is, so that its names can be masked. */
  profile: Profile | null;
  /** The application's version. */
  version: string;
  nowMs: number;
}

export function markdownOf({ report, profile, version, nowMs }: Source, masks: Masks): string {
  const masker = new Masker(namesOf(report, profile), masks);
  const mask: Mask = (text) => masker.mask(text);
  const parts = [
    `# ${m.diagnosis_report_title()}`,
    headOf(report, version, mask),
    ...causesOf(report, mask),
    ...fixesOf(report, mask),
    `## ${m.diagnosis_stages()}`,
    stagesOf(report, mask),
    ...evidenceParts(report, nowMs, mask),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

/** Strangers' text inside of a sentence: on one line that begins with words of ours. */
export function escapeText(text: string): string {
  return oneLine(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll(/[\\`*_[\]#~>]/g, '\\$&')
    .replaceAll('@', '&#64;')
    .replaceAll('://', '&#58;//')
    .replaceAll(/www\./gi, (found) => `${found.slice(0, 3)}&#46;`);
}

/** Strangers' text as a code span. */
export function codeSpan(text: string): string {
  const line = oneLine(text).trim();
  if (line === '') return '';
  const fence = '`'.repeat(longestRun(line) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** Strangers' text of several lines as a code block. */
export function codeBlock(text: string): string {
  const body = manyLines(text.replaceAll(/\r\n?/g, '\n'));
  const fence = '`'.repeat(Math.max(3, longestRun(body) + 1));
  return `${fence}text\n${body}\n${fence}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
}

function headOf(report: Report, version: string, mask: Mask): string {
  const address = mask(endpointWord(report.endpoint));
  return [
    `- ${m.diagnosis_report_verdict()}: **${reportWord(report, false)}**`,
    `- ${m.diagnosis_report_broker()}: ${codeSpan(address)}`,
    beganWord(report) && `- ${m.diagnosis_report_began()}: ${escapeText(beganWord(report))}`,
    `- MQTTScope ${escapeText(version)}`,
  ]
    .filter(Boolean)
    .join('\n');
}

/** Details that are codes of ours, for the catalogue to word. */
const CODES: readonly string[] = ['error', 'reason_code', 'field'];

/** Words of ours around strangers' details: only these are masked and escaped. */
function quoted<T extends Cause | Fix>(said: T, mask: Mask): T {
  const details = Object.entries(said.details).map(([name, value]) => [
    name,
    CODES.includes(name) ? value : escapeText(mask(value)),
  ]);
  const message = escapeText(mask(said.message));
  return { ...said, message, details: Object.fromEntries(details) };
}

function causesOf(report: Report, mask: Mask): string[] {
  const { account, diagnosis } = report;
  const error = account?.attempt.error;
  if (!diagnosis && error) {
    return [`## ${m.diagnosis_causes()}`, escapeText(mask(errorWords(error).title))];
  }
  if (!diagnosis || diagnosis.causes.length === 0) return [];
  const lines = diagnosis.causes.map((each) => {
    const cause = quoted(each, mask);
    const apart = apartWords(cause);
    const code = codeSpan(each.code);
    return `1. **${causeWords(cause)}** ${code}${apart ? `\n   ${apart}` : ''}`;
  });
  return [`## ${m.diagnosis_causes()}`, lines.join('\n')];
}

function fixesOf(report: Report, mask: Mask): string[] {
  const fixes = report.diagnosis?.fixes ?? [];
  if (fixes.length === 0) return [];
  const lines = fixes.map((fix) => {
    const changes = fix.changes.map((change) => {
      const { label, before, after } = differenceOf(change, report);
      return `\n   - ${escapeText(label)}: ${codeSpan(mask(before))} → ${codeSpan(mask(after))}`;
    });
    return `1. ${fixWords(quoted(fix, mask))}${changes.join('')}`;
  });
  return [`## ${m.diagnosis_fixes()}`, lines.join('\n')];
}

function stagesOf(report: Report, mask: Mask): string {
  const rows = stageRows(report, false).map(({ stage, verdict, tookUs, line }) => [
    stageWord(stage),
    verdictWord(verdict),
    tookUs === null ? '' : spanWord(tookUs),
    codeSpan(mask(line)),
  ]);
  const columns = [
    m.diagnosis_stage(),
    m.diagnosis_verdict(),
    m.diagnosis_took(),
    m.diagnosis_seen(),
  ];
  return tableOf(columns, rows);
}

function evidenceParts(report: Report, nowMs: number, mask: Mask): string[] {
  const sections: [string, Block[]][] = stageRows(report, false).map(({ stage }) => [
    stageWord(stage),
    evidenceOf(stage, report),
  ]);
  sections.push([m.diagnosis_other_schemes(), otherSchemesBlocks(report)]);
  sections.push([m.diagnosis_past(), pastBlocks(report)]);
  return sections.flatMap(([title, blocks]) =>
    blocks.length === 0
      ? []
      : [`## ${title}`, ...blocks.flatMap((block) => blockParts(block, nowMs, mask))],
  );
}

function blockParts(block: Block, nowMs: number, mask: Mask): string[] {
  const head = block.title ? [`### ${escapeText(block.title)}`] : [];
  switch (block.kind) {
    case 'facts':
      return [...head, factList(block.facts, mask)];
    case 'table':
      return [
        ...head,
        tableOf(
          block.columns,
          block.rows.map((row) => row.map((cell) => cellText(cell, mask))),
        ),
      ];
    case 'text':
      return [...head, codeBlock(mask(block.text)), escapeText(mask(block.note))];
    case 'certificates':
      return [
        ...head,
        ...block.certificates.flatMap((each, index) =>
          certificateParts(each, index, block.own, nowMs, mask),
        ),
      ];
  }
}

function certificateParts(
  certificate: CertificateFacts,
  index: number,
  own: boolean,
  nowMs: number,
  mask: Mask,
): string[] {
  const { text } = validityOf(certificate.not_before_s, certificate.not_after_s, nowMs);
  return [
    `#### ${index + 1}. ${certificateRole(certificate, index, own)}: ${text}`,
    factList(certificateFacts(certificate), mask),
  ];
}

function factList(facts: readonly Fact[], mask: Mask): string {
  return facts
    .map(({ name, value, nameSeen }) => {
      const label = nameSeen ? codeSpan(mask(name)) : escapeText(name);
      return `- ${label}: ${cellText(value, mask)}`;
    })
    .join('\n');
}

function cellText({ text, seen }: Cell, mask: Mask): string {
  if (!seen) return escapeText(text);
  return text
    .split('\n')
    .map((line) => codeSpan(mask(line)))
    .filter(Boolean)
    .join(', ');
}

function tableOf(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  // A bar ends a cell even in a code span.
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(columns), line(columns.map(() => '---')), ...rows.map(line)].join('\n');
}
