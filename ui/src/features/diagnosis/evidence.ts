/**
 * What was seen in a stage, as blocks that the window draws and the Markdown report writes: both say the same.
 */
import type { Account, ConnectStage, Report } from '$src/bindings/engine';
import { getLocale, m } from '$src/i18n';
import { problemText } from '$src/i18n/problems';
import { formats } from '$src/lib/format';

import { fact, ours, present, seen, yesNo, type Block } from './blocks';
import { fieldLabel } from './changes';
import { mqttBlocks, stayingBlocks, subscribeBlocks } from './evidence-mqtt';
import { tlsBlocks } from './evidence-tls';
import { endWord, outcomeWord, spanWord } from './words';

/** What was seen in a stage; empty where there is nothing to tell. */
export function evidenceOf(stage: ConnectStage, report: Report): Block[] {
  const { account } = report;
  const first = stage === failedStage(report) ? firstBytesBlocks(account) : [];
  if (stage === 'settings') return problemBlocks(report);
  if (!account) return [];
  const { facts } = account;
  switch (stage) {
    case 'name':
      return nameBlocks(account);
    case 'tcp':
      return tcpBlocks(account);
    case 'proxy':
      return [...proxyBlocks(account), ...first];
    case 'tls':
      return [...(facts.tls ? tlsBlocks(facts.tls) : []), ...first];
    case 'web_socket':
      return [...webSocketBlocks(account), ...first];
    case 'mqtt':
      return [...(facts.mqtt ? mqttBlocks(facts.mqtt) : []), ...first];
    case 'subscribe':
      return facts.subscribe ? subscribeBlocks(facts.subscribe) : [];
    case 'staying':
      return facts.staying ? stayingBlocks(facts.staying) : [];
  }
}

/** The stage that failed, or was under way when it ended. */
export function failedStage(report: Report): ConnectStage | null {
  const stages = report.account?.attempt.stages ?? [];
  return (
    stages.find(({ verdict }) => verdict === 'failed')?.stage ?? report.diagnosis?.stage ?? null
  );
}

/** The other schemes that were tried on the port; empty where none were. */
export function otherSchemesBlocks(report: Report): Block[] {
  const tries = report.account?.facts.other_schemes ?? [];
  if (tries.length === 0) return [];
  const rows = tries.map(({ scheme, speaks, seen: line }) => [
    seen(scheme),
    speaks ? ours(m.diagnosis_scheme_speaks(), 'ok') : ours(m.diagnosis_scheme_silent()),
    seen(line),
  ]);
  const columns = [m.diagnosis_scheme(), m.diagnosis_outcome(), m.diagnosis_seen()];
  return [{ kind: 'table', title: '', columns, rows }];
}

/** How the session's earlier connections ended, the newest first. */
export function pastBlocks(report: Report): Block[] {
  const past = report.account?.past ?? [];
  if (past.length === 0) return [];
  const format = formats(getLocale());
  const rows = past
    .toReversed()
    .map(({ connected_ms, lasted_ms, end, error, last_sent }) => [
      seen(format.time(connected_ms * 1_000)),
      seen(format.duration(lasted_ms)),
      ours(endWord(end)),
      last_sent ? seen(`${last_sent.packet.toUpperCase()} ${last_sent.topic}`) : ours('–'),
      seen(error.message),
    ]);
  const columns = [
    m.diagnosis_past_connected(),
    m.diagnosis_past_lasted(),
    m.diagnosis_past_ended(),
    m.diagnosis_past_sent(),
    m.diagnosis_seen(),
  ];
  return [{ kind: 'table', title: '', columns, rows }];
}

function problemBlocks(report: Report): Block[] {
  if (report.problems.length === 0) return [];
  const rows = report.problems.map((problem) => [
    ours(fieldLabel(problem.field)),
    ours(
      problem.weight === 'error' ? m.diagnosis_problem_error() : m.diagnosis_problem_warning(),
      problem.weight === 'error' ? 'bad' : 'warn',
    ),
    ours(problemText(problem)),
  ]);
  const columns = [m.diagnosis_field(), m.diagnosis_weight(), m.diagnosis_problem()];
  return [{ kind: 'table', title: '', columns, rows }];
}

function nameBlocks({ facts: { name } }: Account): Block[] {
  if (!name) return [];
  const list = (addresses: string[]) => seen(addresses.join('\n'));
  const facts = present([
    fact(m.diagnosis_name_asked(), seen(name.name)),
    fact(
      m.diagnosis_name_addresses(),
      name.addresses.length > 0 ? list(name.addresses) : ours(m.diagnosis_none(), 'bad'),
    ),
    name.left_out.length > 0 && fact(m.diagnosis_name_left_out(), list(name.left_out)),
  ]);
  return [{ kind: 'facts', title: '', facts }];
}

function tcpBlocks({ facts: { tcp } }: Account): Block[] {
  if (!tcp || tcp.tries.length === 0) return [];
  const rows = tcp.tries.map(({ address, outcome, took_us }) => {
    const tone = outcome === 'connected' ? 'ok' : outcome === 'not_needed' ? 'plain' : 'bad';
    const took = outcome === 'not_needed' ? ours('–') : seen(spanWord(took_us));
    return [seen(address), ours(outcomeWord(outcome), tone), took];
  });
  const columns = [m.diagnosis_address(), m.diagnosis_outcome(), m.diagnosis_took()];
  return [{ kind: 'table', title: '', columns, rows }];
}

function proxyBlocks({ facts: { proxy } }: Account): Block[] {
  if (!proxy) return [];
  const kinds: Record<string, string> = { http: 'HTTP CONNECT', socks5: 'SOCKS 5' };
  const sources: Record<string, () => string> = {
    profile: m.diagnosis_proxy_profile,
    environment: m.diagnosis_proxy_environment,
    system: m.diagnosis_proxy_system,
  };
  const facts = present([
    fact(m.diagnosis_proxy_kind(), seen(kinds[proxy.kind] ?? proxy.kind)),
    fact(m.diagnosis_address(), seen(proxy.address)),
    fact(m.diagnosis_proxy_named_by(), ours(sources[proxy.named_by]?.() ?? proxy.named_by)),
    fact(m.diagnosis_proxy_authenticated(), ours(yesNo(proxy.authenticated))),
    proxy.answer !== '' && fact(m.diagnosis_answer(), seen(proxy.answer)),
  ]);
  return [{ kind: 'facts', title: '', facts }];
}

function webSocketBlocks({ facts: { websocket } }: Account): Block[] {
  if (!websocket) return [];
  const { status } = websocket;
  const facts = present([
    fact(m.diagnosis_websocket_path(), seen(websocket.path)),
    fact(
      m.diagnosis_websocket_status(),
      status === null
        ? ours(m.diagnosis_websocket_no_http(), 'bad')
        : { ...seen(`${status} ${websocket.status_text}`), tone: status === 101 ? 'ok' : 'bad' },
    ),
    fact(m.diagnosis_websocket_offered(), seen(websocket.offered || m.diagnosis_none())),
    status !== null &&
      fact(m.diagnosis_websocket_chosen(), seen(websocket.subprotocol ?? m.diagnosis_none())),
  ]);
  const blocks: Block[] = [{ kind: 'facts', title: '', facts }];
  if (websocket.headers.length > 0) {
    const headers = websocket.headers.map(({ name, value }) => ({
      name,
      value: seen(value),
      nameSeen: true,
    }));
    blocks.push({ kind: 'facts', title: m.diagnosis_websocket_headers(), facts: headers });
  }
  if (websocket.body !== '') {
    const note = websocket.body_cut ? m.diagnosis_websocket_body_cut() : '';
    blocks.push({ kind: 'text', title: m.diagnosis_websocket_body(), text: websocket.body, note });
  }
  return blocks;
}

function firstBytesBlocks(account: Account | null): Block[] {
  const first = account?.facts.first_bytes;
  if (!first) return [];
  const { bytes, spoken } = first;
  const text = 'text' in bytes ? bytes.text : hexOf(bytes.base64);
  if (text === '') return [];
  const note = m.diagnosis_first_bytes_spoken({ protocol: spoken ?? m.diagnosis_unknown() });
  return [{ kind: 'text', title: m.diagnosis_first_bytes(), text, note }];
}

/** Base64 as pairs of hexadecimal digits. */
function hexOf(base64: string): string {
  return [...atob(base64)]
    .map((char) => char.charCodeAt(0).toString(16).padStart(2, '0'))
    .join(' ');
}
