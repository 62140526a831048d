/** What can be done with a message of the list: the entries of its menu, and their keys. */
import { call, copyText } from '$src/backend';
import type { MessageRef, Row } from '$src/bindings/engine';
import type { MenuAction } from '$src/components/action-menu';
import { toggleBookmark } from '$src/features/bookmarks/actions';
import { showPacket } from '$src/features/packets/showing';
import { focusPayload } from '$src/features/publish/focus';
import { getLocale, m } from '$src/i18n';
import { formats } from '$src/lib/format';
import { isKey, shortcut } from '$src/lib/shortcut';
import { app } from '$src/state/app.svelte';
import { bookmarksOf } from '$src/state/bookmarks-of';
import { comparison } from '$src/state/compare.svelte';
import { draftOf, replaceDraft } from '$src/state/drafts';
import type { HistoryState } from '$src/state/history.svelte';
import { PayloadPieces } from '$src/state/pieces.svelte';
import { publishingOf } from '$src/state/publishings';
import { draftFrom, isTooLarge } from '$src/state/republish';

/** The menu of a row, in groups. */
export function rowActions(history: HistoryState, row: Row): MenuAction[][] {
  return [
    filters(history, row),
    marks(history, row),
    publishing(history, row),
    copies(row, history),
  ];
}

function filters(history: HistoryState, row: Row): MenuAction[] {
  const { topic } = row;
  const level = levelOf(topic);
  const narrow = (part: Parameters<HistoryState['narrow']>[0]) => () => void history.narrow(part);
  const actions = [
    {
      label: m.row_filter_topic(),
      testid: 'row-filter-topic',
      run: narrow({ topics: [topic] }),
    },
    {
      label: m.row_exclude_topic(),
      testid: 'row-exclude-topic',
      run: narrow({ without_topics: [topic] }),
    },
  ];
  const packets = {
    label: m.row_show_packets(),
    testid: 'row-show-packets',
    run: () => {
      alone(history);
      showPacket(history.profile, row);
    },
  };
  if (level === null) return [...actions, packets];
  return [
    ...actions,
    {
      label: m.row_filter_level({ filter: clipped(level) }),
      testid: 'row-filter-level',
      run: narrow({ topics: [level] }),
    },
    packets,
  ];
}

function marks(history: HistoryState, row: Row): MenuAction[] {
  const ref = { profile: history.profile, id: row.id };
  const { chosen } = comparison;
  const isChosen = chosen?.profile === ref.profile && chosen.id === ref.id;
  const marked = bookmarksOf(history.profile).of(row.id) !== undefined;
  const number = chosen ? formats(getLocale()).count(chosen.id) : '';
  const actions: MenuAction[] = [
    {
      label: marked ? m.row_unmark() : m.row_mark(),
      testid: 'row-bookmark',
      keys: shortcut('Mod+B'),
      run: () => void toggleBookmark(history, row.id),
    },
    {
      label: m.row_compare_previous(),
      testid: 'row-compare-previous',
      keys: shortcut('Mod+D'),
      run: () => void comparison.withPrevious(ref),
    },
  ];
  if (chosen && !isChosen) {
    actions.push({
      label: m.row_compare_with({ number }),
      testid: 'row-compare-with',
      run: () => void comparison.withChosen(ref),
    });
  }
  actions.push({
    label: isChosen ? m.row_compare_unchoose() : m.row_compare_choose(),
    testid: 'row-compare-choose',
    run: () => comparison.choose(isChosen ? null : ref),
  });
  return actions;
}

function publishing(history: HistoryState, row: Row): MenuAction[] {
  const ref = { profile: history.profile, id: row.id };
  return [
    {
      label: m.row_publish_again(),
      testid: 'row-publish-again',
      hindrance: hindranceOf(history),
      run: () => publishAgain(history, ref),
    },
    {
      label: m.row_edit(),
      testid: 'row-edit',
      keys: shortcut('Mod+E'),
      hindrance: isTooLarge(row) ? m.row_too_large() : null,
      run: () => edit(ref, row),
    },
  ];
}

function copies(row: Row, history: HistoryState): MenuAction[] {
  return [
    {
      label: m.inspector_copy_topic(),
      testid: 'row-copy-topic',
      keys: shortcut('Mod+Shift+C'),
      run: () => void app.attempt(() => copyText(row.topic)),
    },
    {
      label: m.row_copy_payload(),
      testid: 'row-copy-payload',
      keys: shortcut('Mod+C'),
      hindrance: row.size === 0 ? m.inspector_no_payload() : null,
      run: () => void copyPayload({ profile: history.profile, id: row.id }),
    },
  ];
}

const KEYS: [string, string][] = [
  ['Mod+D', 'row-compare-previous'],
  ['Mod+E', 'row-edit'],
  ['Mod+Shift+C', 'row-copy-topic'],
  ['Mod+C', 'row-copy-payload'],
];

/** Does what a key means for the chosen message; false where it means nothing here. */
export function rowKey(event: KeyboardEvent, history: HistoryState): boolean {
  // Only in the list: in fields these keys are the field's.
  const inList = event.target instanceof Element && event.target.closest('[role=grid]') !== null;
  const testid = KEYS.find(([keys]) => isKey(event, keys))?.[1];
  if (!inList || testid === undefined || !history.selected) return false;
  void app.attempt(async () => {
    const row = await chosenRow(history);
    const actions = row ? rowActions(history, row).flat() : [];
    const action = actions.find((each) => each.testid === testid);
    if (action && (action.hindrance ?? null) === null) action.run();
  });
  return true;
}

/** The chosen message's row, on screen or not. */
async function chosenRow(history: HistoryState): Promise<Row | null> {
  const { selected, profile } = history;
  if (!selected) return null;
  const shown = history.rows.find((row) => row?.id === selected.id);
  return shown ?? (await call('history_message', { profile, id: selected.id })).row;
}

/** Why nothing can be published at the moment. */
function hindranceOf(history: HistoryState): string | null {
  const { state } = app.sessions.state(history.profile);
  if (state !== 'connected') return m.publish_not_connected();
  return publishingOf(history.profile).busy ? m.row_publishing() : null;
}

/** What is not beside another list is shown where its profile is alone. */
function alone({ profile }: Pick<HistoryState, 'profile'>): void {
  if (app.place.at === 'sides') app.go({ at: 'profile', id: profile });
}

/** Where there is no publish box that tells what became of it, it is told as of a copy. */
function publishAgain(history: HistoryState, message: MessageRef): void {
  if (app.place.at === 'sides') void app.copies.copy(message, history.profile);
  else void publishingOf(history.profile).sendAgain(message);
}

/** Puts a message into the publish box and the cursor into its payload. */
function edit(message: MessageRef, row: Row): void {
  if (isTooLarge(row)) return;
  alone(message);
  void app.attempt(async () => {
    const next = await draftFrom(message);
    const isLocal = app.profiles.byId(message.profile)?.follows_local_broker ?? false;
    replaceDraft(message.profile, draftOf(message.profile, isLocal), next);
    await focusPayload();
  });
}

/** Copies a payload as text, or as hex where it is none. */
async function copyPayload({ profile, id }: MessageRef): Promise<void> {
  await app.attempt(async () => {
    const text = new PayloadPieces(profile, id, 'text');
    await text.more();
    const view = text.fault?.code === 'not_utf8' ? new PayloadPieces(profile, id, 'hex') : text;
    await copyText(await view.all());
  });
}

/** The filter of the level that a topic lies in: `a/b/#` for `a/b/c`; null where it lies in none. */
export function levelOf(topic: string): string | null {
  const slash = topic.lastIndexOf('/');
  return slash <= 0 ? null : `${topic.slice(0, slash)}/#`;
}

function clipped(filter: string): string {
  return filter.length > 40 ? `…${filter.slice(-39)}` : filter;
}
