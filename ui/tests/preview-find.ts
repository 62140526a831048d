/**
 * Looking for something, bookmarks, the menu of a row and comparing, for the preview: `find`, `find-none`, `goto`,
 * `bookmarks`, `row-menu`, `compare`, `compare-text`, `compare-hex`, `edit`.
 */
import { bookmarksOf } from '$src/state/bookmarks-of';
import { comparison } from '$src/state/compare.svelte';
import { editable } from '$src/state/draft-properties';
import { draftOf, newDraft, replaceDraft } from '$src/state/drafts';
import { findOf } from '$src/state/find-of';
import { historyOf } from '$src/state/histories';

import type { MemoryEngine } from './memory';

const NOTES = [
  [1_001, ''],
  [1_130, 'Here the sensor was moved to the other line; the values before it are of s2.'],
  [1_190, '第二班开始'],
] as const;

/** The scenes that begin at the list. */
export async function showFind(engine: MemoryEngine, scene: string): Promise<void> {
  const history = historyOf('a');
  const bookmarks = bookmarksOf('a');
  const ref = (id: number) => ({ profile: 'a', id });
  if (scene === 'find' || scene === 'bookmarks') {
    for (const [id, note] of NOTES) await bookmarks.set(id, note);
  }
  if (scene === 'find' || scene === 'find-none') {
    const find = findOf('a');
    find.show();
    find.edit({ text: scene === 'find' ? '"temp":34' : 'no such thing' });
  }
  if (scene === 'bookmarks') {
    await history.reveal(1_130, { select: true });
    click('bookmarks-open');
  }
  if (scene === 'row-menu') {
    await history.reveal(1_150, { select: true });
    press({ key: 'F10', shiftKey: true });
  }
  if (scene === 'goto') press({ key: 'g', ctrlKey: true });
  if (scene.startsWith('compare')) {
    const [, way = 'json'] = scene.split('-') as [string, 'json' | 'text' | 'hex' | undefined];
    lengthen(engine, 1_140);
    await comparison.compare({ before: ref(1_139), after: ref(1_140) }, way);
  }
  if (scene === 'edit') {
    const properties = editable([
      { name: 'content_type', value: 'application/json' },
      { name: 'user_property', value: ['line', '7'] },
    ]);
    const draft = draftOf('a', false);
    Object.assign(draft, { topic: 'plant-a/s1/cmd', text: '{"cmd":"reset"}' });
    const next = { topic: 'plant-a/s2/telemetry', text: '{"temp":30.5}', format: 'json' as const };
    replaceDraft('a', draft, newDraft({ ...next, qos: 1, properties }));
  }
}

/** A message in which more differs than a number. */
function lengthen(engine: MemoryEngine, id: number): void {
  const row = engine.rows.find((each) => each.id === id);
  if (!row) return;
  const words = 'calibrated again '.repeat(30).trim();
  row.preview = `{"temp":31.25,"unit":"°C","note":"${words}","site":{"line":7,"\u202e<b>":"<img src=x>"}}`;
  row.size = row.preview.length;
}

function click(testid: string): void {
  document.querySelector<HTMLElement>(`[data-testid="${testid}"]`)?.click();
}

function press(key: KeyboardEventInit): void {
  const list = document.querySelector<HTMLElement>('[data-testid="message-list"]');
  list?.focus();
  list?.dispatchEvent(new KeyboardEvent('keydown', { ...key, bubbles: true, cancelable: true }));
}
