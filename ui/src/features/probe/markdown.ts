/** Tables of probes as Markdown, in the window's language. Strangers' text loses its meaning for Markdown and stays in its cell. */
import type { Capability, ProbeReport } from '$src/bindings/engine';
import { codeSpan, escapeText } from '$src/features/diagnosis/markdown';
import { m } from '$src/i18n';
import { CAPABILITIES } from '$src/state/probes.svelte';

import {
  brokerWord,
  cellWord,
  differs,
  nameOf,
  rowOf,
  standingOf,
  standingWord,
  timeWord,
  valueWord,
} from './words';

export function markdownOf(reports: readonly ProbeReport[]): string {
  const [first] = reports;
  if (!first) return '';
  const title = `# ${m.probe_open()}`;
  const heads = reports.map(headOf).join('\n');
  const body = reports.length === 1 ? tableOf(first) : comparisonOf(reports);
  return `${[title, heads, body].join('\n\n')}\n`;
}

function headOf(report: ProbeReport): string {
  const says = report.broker ? `, ${m.probe_report_says()} ${codeSpan(report.broker)}` : '';
  const who = `**${escapeText(brokerWord(report))}** ${codeSpan(report.address)}${says}`;
  return `- ${m.probe_report_broker()}: ${who} · ${m.probe_report_when()}: ${timeWord(report)}`;
}

function tableOf(report: ProbeReport): string {
  const heads = [
    m.probe_column_capability(),
    m.probe_column_verdict(),
    m.probe_column_value(),
    m.probe_column_announced(),
    m.probe_column_evidence(),
  ];
  const lines = CAPABILITIES.map((capability) => {
    const row = rowOf(report, capability);
    return [
      nameOf(capability),
      standingWord(standingOf(report, capability)),
      valueWord(capability, row?.value),
      valueWord(capability, row?.announced),
      row?.evidence ?? '',
    ];
  });
  return rows(heads, lines);
}

function comparisonOf(reports: readonly ProbeReport[]): string {
  const heads = [m.probe_column_capability(), ...reports.map(brokerWord), ''];
  const lines = CAPABILITIES.map((capability: Capability) => [
    nameOf(capability),
    ...reports.map((report) => cellWord(report, capability)),
    differs(reports, capability) ? m.probe_differs() : '',
  ]);
  return rows(heads, lines);
}

function rows(heads: string[], lines: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map(cellOf).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...lines.map(line)].join('\n');
}

function cellOf(text: string): string {
  return text === '---' ? text : escapeText(text).replaceAll('|', '\\|');
}
