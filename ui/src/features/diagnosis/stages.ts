/**
 * The rows of a report: every stage that belongs to the attempt, the ones to come among them, so that the list keeps its
 * height while it fills in.
 */
import type { ConnectStage, Report, StageRecord, StageVerdict } from '$src/bindings/engine';
import { m } from '$src/i18n';

/** What became of a stage; one that the attempt did not get to was skipped, or is to come while it runs. */
export type RowVerdict = StageVerdict | 'skipped' | 'to_come';

export interface StageRow {
  stage: ConnectStage;
  verdict: RowVerdict;
  /** Microseconds; null where it took none. */
  tookUs: number | null;
  /** One line of what was seen. */
  line: string;
}

const ORDER: readonly ConnectStage[] = [
  'settings',
  'name',
  'tcp',
  'proxy',
  'tls',
  'web_socket',
  'mqtt',
  'subscribe',
  'staying',
];

/** The rows, in the order in which stages happen. */
export function stageRows(report: Report | null, busy: boolean): StageRow[] {
  const records = new Map<ConnectStage, StageRecord>(
    (report?.account?.attempt.stages ?? []).map((record) => [record.stage, record]),
  );
  const expected = expectedStages(report);
  return ORDER.filter((stage) => records.has(stage) || expected.has(stage)).map((stage) => {
    const record = records.get(stage);
    if (!record) {
      // Settings that nothing must be read for have no record; what came after them shows that they passed.
      const passed = stage === 'settings' && records.size > 0;
      const verdict = passed ? 'passed' : busy ? 'to_come' : 'skipped';
      return { stage, verdict, tookUs: null, line: problemLine(stage, report) };
    }
    const { verdict, took_us, evidence } = record;
    const tookUs = verdict === 'running' ? null : took_us;
    return { stage, verdict, tookUs, line: evidence || problemLine(stage, report) };
  });
}

/** How much was odd before a byte was sent. */
function problemLine(stage: ConnectStage, report: Report | null): string {
  const count = report?.problems.length ?? 0;
  return stage === 'settings' && count > 0 ? m.diagnosis_problems_line({ count }) : '';
}

/** The stages that the address and the options ask for. A proxy is known only once there was one. */
function expectedStages(report: Report | null): Set<ConnectStage> {
  const expected = new Set<ConnectStage>(['settings', 'name', 'tcp', 'mqtt']);
  const scheme = report?.endpoint.scheme;
  if (scheme === 'mqtts' || scheme === 'wss') expected.add('tls');
  if (scheme === 'ws' || scheme === 'wss') expected.add('web_socket');
  if (report?.options.subscribe) expected.add('subscribe');
  if (report?.options.stay) expected.add('staying');
  return expected;
}
