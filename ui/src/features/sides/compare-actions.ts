/** What can be done with a row of a comparison: the entries of its menu, the buttons of its detail, and their keys. */
import { copyText } from '$src/backend';
import type { MessageId, Profile, ProfileId, SidesRow } from '$src/bindings/engine';
import type { MenuAction } from '$src/components/action-menu';
import { m } from '$src/i18n';
import { isKey, shortcut } from '$src/lib/shortcut';
import { app } from '$src/state/app.svelte';
import { comparison as payloads } from '$src/state/compare.svelte';
import type { SidesComparison } from '$src/state/sides-comparison.svelte';

import { nameOf, type Both } from './compare-words';

export interface Surroundings {
  comparison: SidesComparison;
  both: Both;
  /** Shows a message in the list of its side, where there is one. */
  onshow?: ((profile: ProfileId, id: MessageId) => void) | undefined;
}

/** The menu of a row, in groups. */
export function rowActions(around: Surroundings, row: SidesRow): MenuAction[][] {
  return [copies(around, row), looks(around, row), topics(around, row)].filter(
    (group) => group.length > 0,
  );
}

/** A message goes to the side where it is missing; where both differ, either may go to the other. */
export function copies({ both }: Surroundings, row: SidesRow): MenuAction[] {
  if (row.left && row.right && row.kind !== 'different') return [];
  const action = (side: 'left' | 'right', other: 'left' | 'right'): MenuAction[] => {
    const message = row[side];
    if (!message?.content) return [];
    const to = both[other];
    return [
      {
        label: m.copy_to({ name: nameOf(to) }),
        testid: `comparison-copy-to-${other}`,
        keys: shortcut(other === 'right' ? 'Mod+→' : 'Mod+←'),
        hindrance: hindranceOf(to),
        run: () => void app.copies.copy({ profile: both[side].id, id: message.id }, to.id),
      },
    ];
  };
  return [...action('left', 'right'), ...action('right', 'left')];
}

function looks({ comparison, both, onshow }: Surroundings, row: SidesRow): MenuAction[] {
  const { left, right } = row;
  const actions: MenuAction[] = [];
  if (left?.content && right?.content) {
    const before = { profile: comparison.pair.left, id: left.id };
    const after = { profile: comparison.pair.right, id: right.id };
    actions.push({
      label: m.comparison_compare_payloads(),
      testid: 'comparison-compare',
      keys: shortcut('Mod+D'),
      run: () => void payloads.compare({ before, after }),
    });
  }
  if (left?.content && onshow) {
    actions.push({
      label: m.comparison_show_in({ name: nameOf(both.left) }),
      testid: 'comparison-show-left',
      keys: shortcut('Alt+←'),
      run: () => onshow(comparison.pair.left, left.id),
    });
  }
  if (right?.content && onshow) {
    actions.push({
      label: m.comparison_show_in({ name: nameOf(both.right) }),
      testid: 'comparison-show-right',
      keys: shortcut('Alt+→'),
      run: () => onshow(comparison.pair.right, right.id),
    });
  }
  return actions;
}

function topics({ comparison }: Surroundings, { topic }: SidesRow): MenuAction[] {
  return [
    {
      label: m.row_filter_topic(),
      testid: 'comparison-filter-topic',
      keys: shortcut('Mod+Shift+F'),
      run: () => void comparison.narrow({ topics: [topic] }),
    },
    {
      label: m.row_exclude_topic(),
      testid: 'comparison-exclude-topic',
      run: () => void comparison.narrow({ without_topics: [topic] }),
    },
    {
      label: m.inspector_copy_topic(),
      testid: 'comparison-copy-topic',
      keys: shortcut('Mod+Shift+C'),
      run: () => void app.attempt(() => copyText(topic)),
    },
  ];
}

const KEYS: [string, string][] = [
  ['Mod+ArrowRight', 'comparison-copy-to-right'],
  ['Mod+ArrowLeft', 'comparison-copy-to-left'],
  ['Mod+D', 'comparison-compare'],
  ['Alt+ArrowLeft', 'comparison-show-left'],
  ['Alt+ArrowRight', 'comparison-show-right'],
  ['Mod+Shift+F', 'comparison-filter-topic'],
  ['Mod+Shift+C', 'comparison-copy-topic'],
];

/** Does what a key means for the chosen row; false where it means nothing here. */
export function rowKey(event: KeyboardEvent, around: Surroundings): boolean {
  const inList = event.target instanceof Element && event.target.closest('[role=grid]') !== null;
  const named = KEYS.find(([keys]) => isKey(event, keys))?.[1];
  const { chosen } = around.comparison;
  if (!inList || named === undefined || !chosen) return false;
  const action = rowActions(around, chosen)
    .flat()
    .find(({ testid }) => testid === named);
  if (action && (action.hindrance ?? null) === null) action.run();
  return true;
}

/** Why nothing can be published there at the moment. */
function hindranceOf(to: Profile): string | null {
  const { state } = app.sessions.state(to.id);
  return state === 'connected' ? null : m.comparison_not_connected({ name: nameOf(to) });
}
