/** A probe's table in the words of the window. What a broker said stays as it was said. */
import type {
  Capability,
  CapabilityRow,
  CapabilityVerdict,
  ProbeReport,
} from '$src/bindings/engine';
import { getLocale, m } from '$src/i18n';
import { formats } from '$src/lib/format';
import { oneLine } from '$src/lib/visible';

const NAMES: Record<Capability, () => string> = {
  mqtt31: m.probe_name_mqtt31,
  mqtt311: m.probe_name_mqtt311,
  mqtt50: m.probe_name_mqtt50,
  maximum_qos: m.probe_name_maximum_qos,
  retained: m.probe_name_retained,
  wildcards: m.probe_name_wildcards,
  shared: m.probe_name_shared,
  subscription_identifiers: m.probe_name_subscription_identifiers,
  topic_alias: m.probe_name_topic_alias,
  packet_size: m.probe_name_packet_size,
  client_id_length: m.probe_name_client_id_length,
  client_id_characters: m.probe_name_client_id_characters,
  client_id_empty: m.probe_name_client_id_empty,
  message_expiry: m.probe_name_message_expiry,
  will_delay: m.probe_name_will_delay,
  session_expiry: m.probe_name_session_expiry,
};

const ABOUT: Record<Capability, () => string> = {
  mqtt31: m.probe_about_mqtt31,
  mqtt311: m.probe_about_mqtt311,
  mqtt50: m.probe_about_mqtt50,
  maximum_qos: m.probe_about_maximum_qos,
  retained: m.probe_about_retained,
  wildcards: m.probe_about_wildcards,
  shared: m.probe_about_shared,
  subscription_identifiers: m.probe_about_subscription_identifiers,
  topic_alias: m.probe_about_topic_alias,
  packet_size: m.probe_about_packet_size,
  client_id_length: m.probe_about_client_id_length,
  client_id_characters: m.probe_about_client_id_characters,
  client_id_empty: m.probe_about_client_id_empty,
  message_expiry: m.probe_about_message_expiry,
  will_delay: m.probe_about_will_delay,
  session_expiry: m.probe_about_session_expiry,
};

const VERDICTS: Record<CapabilityVerdict, () => string> = {
  yes: m.probe_verdict_yes,
  limited: m.probe_verdict_limited,
  no: m.probe_verdict_no,
  unknown: m.probe_verdict_unknown,
  skipped: m.probe_verdict_skipped,
};

/** A line of the table that may not have been reached. */
export type Standing = CapabilityVerdict | 'trying' | 'waiting';

export interface Group {
  title: () => string;
  capabilities: readonly Capability[];
}

/** What belongs together on the page of consent. */
export const GROUPS: readonly Group[] = [
  { title: m.probe_group_protocol, capabilities: ['mqtt31', 'mqtt311', 'mqtt50'] },
  {
    title: m.probe_group_messages,
    capabilities: ['maximum_qos', 'retained', 'topic_alias', 'packet_size'],
  },
  {
    title: m.probe_group_subscriptions,
    capabilities: ['wildcards', 'shared', 'subscription_identifiers'],
  },
  {
    title: m.probe_group_client,
    capabilities: ['client_id_length', 'client_id_characters', 'client_id_empty'],
  },
  {
    title: m.probe_group_sessions,
    capabilities: ['message_expiry', 'will_delay', 'session_expiry'],
  },
];

export const nameOf = (capability: Capability): string => NAMES[capability]();

export const aboutOf = (capability: Capability): string => ABOUT[capability]();

export function standingWord(standing: Standing): string {
  if (standing === 'trying') return m.probe_verdict_trying();
  if (standing === 'waiting') return m.probe_verdict_waiting();
  return VERDICTS[standing]();
}

export type Tone = 'plain' | 'accent' | 'ok' | 'warn' | 'bad';

export function standingTone(standing: Standing): Tone {
  switch (standing) {
    case 'yes':
      return 'ok';
    case 'limited':
      return 'warn';
    case 'no':
      return 'bad';
    case 'trying':
      return 'accent';
    default:
      return 'plain';
  }
}

export function standingOf(report: ProbeReport, capability: Capability): Standing {
  const row = rowOf(report, capability);
  if (row) return row.verdict;
  if (report.trying === capability) return 'trying';
  return report.options.capabilities.includes(capability) ? 'waiting' : 'skipped';
}

export function rowOf(report: ProbeReport, capability: Capability): CapabilityRow | undefined {
  return report.rows.find((row) => row.capability === capability);
}

const IN_BYTES: readonly Capability[] = ['packet_size', 'client_id_length'];

/** A value, or what was announced, as it is read: sizes with their unit. Empty where there is none. */
export function valueWord(capability: Capability, value: string | null | undefined): string {
  if (value === null || value === undefined) return '';
  if (IN_BYTES.includes(capability) && /^\d+$/.test(value)) {
    return formats(getLocale()).bytes(Number(value));
  }
  if (value === 'yes') return m.probe_announced_yes();
  if (value === 'no') return m.probe_announced_no();
  return oneLine(value);
}

/** What a table found of a capability, in one cell. */
export function cellWord(report: ProbeReport, capability: Capability): string {
  const value = valueWord(capability, rowOf(report, capability)?.value);
  const standing = standingWord(standingOf(report, capability));
  return value ? `${standing} · ${value}` : standing;
}

/** Values that are another thing each time, although the broker can do the same. */
const INCIDENTAL: readonly Capability[] = ['shared', 'will_delay'];

/** Whether tables disagree about a capability. What was not tried in one of them says nothing. */
export function differs(reports: readonly ProbeReport[], capability: Capability): boolean {
  const found = reports
    .map((report) => rowOf(report, capability))
    .filter((row) => row !== undefined && row.verdict !== 'skipped' && row.verdict !== 'unknown')
    .map((row) => `${row?.verdict} ${INCIDENTAL.includes(capability) ? '' : (row?.value ?? '')}`);
  return new Set(found).size > 1;
}

export const timeWord = (report: ProbeReport): string =>
  formats(getLocale()).moment(report.began_ms * 1_000);

/** The name that a person knows the broker by. */
export const brokerWord = (report: ProbeReport): string => oneLine(report.name || report.address);
