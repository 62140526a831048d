/** What the keys do in the tree of profiles, as the pattern for trees of the ARIA practices has it, and Alt to move. */
import { app } from '$src/state/app.svelte';
import type { Direction } from '$src/state/tree';

import { deleteChosen, editChosen } from './actions';

const MOVES: Record<string, Direction> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'out',
  ArrowRight: 'in',
};

/** Opens the row under the cursor: a profile's session, a folder's content. */
export function openCursor(): void {
  const { outline } = app;
  const row = outline.rows[outline.cursorRow];
  if (!row) return;
  const { node } = row;
  if (node.kind === 'profile') app.go({ at: 'profile', id: node.id });
  else void app.attempt(() => outline.setOpen(node.id, !row.open));
}

/** Does what a key means; false where it means nothing here. `page` is how many rows are on screen. */
export function treeKey(event: KeyboardEvent, page: number): boolean {
  const { outline } = app;
  const { key, shiftKey } = event;
  const command = event.ctrlKey || event.metaKey;
  if (event.altKey) {
    const direction = MOVES[key];
    if (!direction) return false;
    void app.attempt(() => outline.move(direction));
    return true;
  }
  if (command) {
    if (key.toLowerCase() !== 'a') return false;
    outline.chooseAll();
    return true;
  }
  const steps: Record<string, number> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  };
  const by = steps[key];
  if (by !== undefined) {
    outline.step(by, shiftKey);
    return true;
  }
  switch (key) {
    case 'ArrowRight':
      inwards();
      return true;
    case 'ArrowLeft':
      outwards();
      return true;
    case 'Enter':
      openCursor();
      return true;
    case ' ':
      if (outline.cursor) outline.toggle(outline.cursor);
      return true;
    case 'F2':
      editChosen();
      return true;
    case 'Delete':
    case 'Backspace':
      deleteChosen();
      return true;
    case 'Escape':
      if (outline.chosen.size < 2) return false;
      outline.chooseOne();
      return true;
    default:
      return false;
  }
}

/** A closed folder opens; an open one leads to what lies in it. */
function inwards(): void {
  const { outline } = app;
  const row = outline.rows[outline.cursorRow];
  if (row?.node.kind !== 'folder') return;
  const { id, children } = row.node;
  if (!row.open) void app.attempt(() => outline.setOpen(id, true));
  else if (children.length > 0) outline.step(1);
}

/** An open folder closes; everything else leads to the folder around it. */
function outwards(): void {
  const { outline } = app;
  const row = outline.rows[outline.cursorRow];
  if (row?.node.kind === 'folder' && row.open) {
    const { id } = row.node;
    void app.attempt(() => outline.setOpen(id, false));
  } else if (row?.parent) outline.choose(`f:${row.parent}`);
}
