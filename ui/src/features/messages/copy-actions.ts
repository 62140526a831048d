/** A message and the other brokers: copied to one of them, and what came there at the same time. */
import { call, toUserError } from '$src/backend';
import type { ProfileId, Row } from '$src/bindings/engine';
import type { MenuAction } from '$src/components/action-menu';
import { m } from '$src/i18n';
import { isKey, shortcut } from '$src/lib/shortcut';
import { app } from '$src/state/app.svelte';
import { goTo } from '$src/state/find-place';
import { historyOf } from '$src/state/histories';
import type { HistoryState } from '$src/state/history.svelte';

/** The most profiles that a row's menu names. */
const MOST = 5;

const nameOf = (id: ProfileId) => app.profiles.byId(id)?.name ?? '';
const isConnected = (id: ProfileId) => app.sessions.state(id).state === 'connected';

/** To the other side, where there is one; the same time there; and to the other profiles that are connected. */
export function copyActions(history: HistoryState, row: Row): MenuAction[] {
  const from = history.profile;
  const beside = app.sides.beside(from);
  const copy = (to: ProfileId) => () => void app.copies.copy({ profile: from, id: row.id }, to);
  const actions: MenuAction[] = [];
  if (beside !== null) {
    const name = nameOf(beside);
    actions.push(
      {
        label: m.copy_to({ name }),
        testid: 'row-copy-across',
        keys: shortcut(isLeft(from) ? 'Mod+→' : 'Mod+←'),
        hindrance: isConnected(beside) ? null : m.publish_not_connected(),
        run: copy(beside),
      },
      {
        label: m.row_time_across({ name }),
        testid: 'row-time-across',
        keys: shortcut('Mod+T'),
        run: () => void showTime(beside, row.time_us),
      },
    );
  }
  const others = app.profiles.list.filter(
    ({ id }) => id !== from && id !== beside && isConnected(id),
  );
  others.slice(0, MOST - actions.length).forEach(({ id, name }, at) => {
    actions.push({
      label: m.copy_to({ name }),
      testid: `row-copy-to-${at + 1}`,
      run: copy(id),
    });
  });
  return actions;
}

/** Does what a key means between two lists side by side, for the chosen message; false where it means nothing. */
export function copyKey(event: KeyboardEvent, history: HistoryState): boolean {
  const { profile, selected } = history;
  const beside = app.sides.beside(profile);
  // Only in the list: in fields these keys are the field's.
  const inList = event.target instanceof Element && event.target.closest('[role=grid]') !== null;
  if (!inList || beside === null || !selected) return false;
  const { id } = selected;
  if (isKey(event, isLeft(profile) ? 'Mod+ArrowRight' : 'Mod+ArrowLeft')) {
    void app.copies.copy({ profile, id }, beside);
  } else if (isKey(event, 'Mod+T')) {
    void app.attempt(async () => {
      const { row } = await call('history_message', { profile, id });
      await showTime(beside, row.time_us);
    });
  } else return false;
  return true;
}

const isLeft = (profile: ProfileId) => app.sides.place?.left === profile;

/** Shows the first message of a profile from a time on, or the newest where there is none. */
async function showTime(profile: ProfileId, us: number): Promise<void> {
  try {
    app.sides.landing = { profile, ...(await goTo(historyOf(profile), { kind: 'time', us })) };
  } catch (error) {
    app.error = toUserError(error);
  }
}
