/**
 * Recording, limits, long work and overload, for the preview. Scenes: history, history-menu, history-lower, history-asked,
 * history-wrong, history-compacting, messages-export, messages-export-csv, -running, -failed, messages-import,
 * messages-import-here, -failed, not-recording, overload, was-held, jobs.
 */

import { userError } from './errors';
import type { MemoryEngine } from './memory';

const SINCE = Date.UTC(2026, 10, 21, 14, 2) * 1_000;

const PATH = '/home/lin/plant-a gateway.jsonl';

/** What must be so before the window opens. */
export function fillHistory(engine: MemoryEngine, scene: string): void {
  const { jobs } = engine;
  jobs.usage = {
    ...{ messages: 1_204_331, payload_bytes: 96_000_000, file_bytes: 196_000_000 },
    ...{ free_bytes: 12_600_000, log_bytes: 4_100_000, oldest_us: SINCE - 9e11, bookmarks: 3 },
  };
  if (scene.startsWith('history') || scene === 'overload') {
    jobs.removed = { messages: 120_000, bytes: 9_600_000, since_us: SINCE };
  }
  if (scene === 'not-recording') engine.recording = false;
  const session = engine.sessions.get('a');
  if (!session) return;
  const { traffic } = session;
  if (scene === 'not-recording') traffic.not_recorded = 1_204;
  if (scene === 'overload') {
    Object.assign(traffic, { received_per_second: 184_211, queued: 65_536, held_back: true });
    Object.assign(traffic, { held_back_ms: 8_000, store_delay_us: 212_000 });
  }
  if (scene === 'was-held') {
    Object.assign(traffic, { held_back_ms: 12_000, store_delay_us: 640 });
  }
}

/** The dialogs, and the jobs behind them. */
export async function showHistory(engine: MemoryEngine, scene: string): Promise<void> {
  const { jobs } = engine;
  const [what] = scene.replace('messages-', '').split('-');
  if (scene === 'jobs') {
    const first = jobs.begin('a', 'export', PATH);
    jobs.progress(first, { done: 504_000, total: 1_204_331, messages: 504_000, bytes: 9e7 });
    const second = jobs.begin('b', 'import', '/home/lin/plant-b.jsonl');
    jobs.put(second, {
      state: 'done',
      result: { messages: 1_204, bytes: 230_000, first: 1 },
    });
    const third = jobs.begin('a', 'export', '/mnt/stick/plant-a.csv');
    jobs.put(third, { state: 'failed', error: userError('export.disk_full') });
    return;
  }
  if (what === 'history' && scene !== 'history-menu') {
    await press('history-menu');
    await press('history-open');
    if (scene === 'history-lower') await type('history-limit-messages', '900000');
    if (scene === 'history-wrong') await type('history-limit-bytes', '0.001');
    if (scene === 'history-compacting') {
      await press('history-compact-start');
      jobs.progress(1, { done: 5_000_000, total: 12_600_000 });
    }
  }
  if (scene === 'history-menu') await press('history-menu');
  if (scene.startsWith('messages-export')) {
    await press('history-menu');
    await press('messages-export-open');
    await type('messages-export-path', PATH);
    if (scene === 'messages-export-csv') await press('messages-export-format-csv');
    if (scene === 'messages-export-running' || scene === 'messages-export-failed') {
      await press('messages-export-start');
      jobs.progress(1, { done: 504_000, total: 1_204_331, messages: 504_000, bytes: 9e7 });
    }
    if (scene === 'messages-export-failed') {
      jobs.put(1, { state: 'failed', error: userError('export.disk_full', 'No space left.') });
    }
  }
  if (scene.startsWith('messages-import')) {
    await press('history-menu');
    await press('messages-import-open');
    await type('messages-import-path', '/home/lin/Downloads/export.json');
    if (scene === 'messages-import-here') await press('messages-import-where-here');
    if (scene === 'messages-import-failed') {
      await press('messages-import-start');
      const error = userError(
        'import.unreadable',
        'Line 3, column 18 is no message: expected `,` or `}`.',
        {
          line: '3',
          column: '18',
        },
      );
      jobs.put(1, { state: 'failed', error });
    }
  }
  await settled();
  if (scene === 'history-asked') {
    await type('history-limit-messages', '900000');
    await press('history-save');
  }
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 50));

async function press(testid: string): Promise<void> {
  await settled();
  document.querySelector<HTMLElement>(`[data-testid="${testid}"]`)?.click();
  await settled();
}

async function type(testid: string, text: string): Promise<void> {
  await settled();
  const input = document.querySelector<HTMLInputElement>(`[data-testid="${testid}"]`);
  const tick = document.querySelector<HTMLInputElement>(`[data-testid="${testid}-on"]`);
  if (tick && !tick.checked) {
    tick.click();
    await settled();
  }
  if (!input) return;
  input.value = text;
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await settled();
}
