/** The note in the inspector: when it is saved, for which message, and what happens to one that is refused. */
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { useBackend, type Backend } from '$src/backend';
import { Bookmarks } from '$src/state/bookmarks.svelte';
import { MemoryFind } from '../../../tests/memory-find';

import BookmarkNote from './BookmarkNote.svelte';

let engine: MemoryFind;
let bookmarks: Bookmarks;
let mounted: object | null = null;

const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.resolve();
    flushSync();
  }
};
const field = () => document.querySelector<HTMLTextAreaElement>('[data-testid=bookmark-note]');

function type(text: string) {
  const area = field();
  if (!area) throw new Error('no field');
  area.value = text;
  area.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
}

beforeEach(async () => {
  engine = new MemoryFind(
    () => [],
    () => undefined,
  );
  useBackend({
    call: async (name: keyof MemoryFind['handlers'], args: never) =>
      (engine.handlers[name] as (given: never) => unknown)(args),
  } as unknown as Backend);
  bookmarks = new Bookmarks('p');
  await bookmarks.set(7, 'old');
  mounted = mount(BookmarkNote, { target: document.body, props: { bookmarks, id: 7 } });
  flushSync();
});

afterEach(async () => {
  if (mounted) await unmount(mounted);
  mounted = null;
  document.body.replaceChildren();
});

it('is saved with Ctrl+Enter and when the field is left', async () => {
  type('new');
  expect(engine.bookmarks[0]?.note).toBe('old');
  const key = { key: 'Enter', ctrlKey: true, bubbles: true };
  field()?.dispatchEvent(new KeyboardEvent('keydown', key));
  await settle();
  expect(engine.bookmarks[0]?.note).toBe('new');
  type('newer');
  field()?.dispatchEvent(new Event('blur'));
  await settle();
  expect(engine.bookmarks[0]?.note).toBe('newer');
});

it('is not lost when another message is chosen', async () => {
  type('in the middle of');
  if (mounted) await unmount(mounted);
  mounted = null;
  await settle();
  expect(engine.bookmarks).toMatchObject([{ id: 7, note: 'in the middle of' }]);
});

it('stays in the field where the engine refuses it, which says why', async () => {
  type('x'.repeat(10_001));
  field()?.dispatchEvent(new Event('blur'));
  await settle();
  expect(field()?.value).toHaveLength(10_001);
  const problem = document.querySelector('[data-testid=bookmark-problem]');
  expect(problem?.textContent).toContain('10,000');
  expect(engine.bookmarks[0]?.note).toBe('old');
});
