/** Tables of probes as Markdown, in the window's language. Strangers' text loses its meaning for Markdown and stays in its cell. */
import type { Capability, ProbeReport, Profile } from '$src/bindings/engine';
import { codeSpan, escapeText } from '$src/features/diagnosis/markdown';
import { hostsOf, Masker, usersOf, withoutPort, type Masks } from '$src/features/diagnosis/masking';
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

type Mask = (text: string) => string;

/** A table of what each broker can do. `profileOf` gives the profile that a probe was made with, where it is still there. */
export function markdownOf(
  reports: readonly ProbeReport[],
  profileOf: (report: ProbeReport) => Profile | null,
  masks: Masks,
): string {
  const [first] = reports;
  if (!first) return '';
  const profiles = reports.map(profileOf);
  const masker = new Masker(
    {
      users: [...profiles.flatMap(usersOf), ...reports.flatMap((report) => report.left_sessions)],
      hosts: [...profiles.flatMap(hostsOf), ...reports.map(({ address }) => withoutPort(address))],
      certificates: [],
    },
    masks,
  );
  const mask: Mask = (text) => masker.mask(text);
  const title = `# ${m.probe_open()}`;
  const heads = reports.map((report) => headOf(report, mask)).join('\n');
  const body = reports.length === 1 ? tableOf(first, mask) : comparisonOf(reports, mask);
  return `${[title, heads, body].join('\n\n')}\n`;
}

function headOf(report: ProbeReport, mask: Mask): string {
  const says = report.broker ? `, ${m.probe_report_says()} ${codeSpan(mask(report.broker))}` : '';
  const who = `**${escapeText(mask(brokerWord(report)))}** ${codeSpan(mask(report.address))}${says}`;
  return `- ${m.probe_report_broker()}: ${who} · ${m.probe_report_when()}: ${timeWord(report)}`;
}

function tableOf(report: ProbeReport, mask: Mask): string {
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
      mask(valueWord(capability, row?.value)),
      mask(valueWord(capability, row?.announced)),
      mask(row?.evidence ?? ''),
    ];
  });
  return rows(heads, lines);
}

function comparisonOf(reports: readonly ProbeReport[], mask: Mask): string {
  const heads = [
    m.probe_column_capability(),
    ...reports.map((report) => mask(brokerWord(report))),
    '',
  ];
  const lines = CAPABILITIES.map((capability: Capability) => [
    nameOf(capability),
    ...reports.map((report) => mask(cellWord(report, capability))),
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
