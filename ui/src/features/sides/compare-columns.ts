/**
 * The columns of a comparison, and which of them fit. The two payloads take what the others leave, equally; a narrow pane keeps
 * time, kind, topic and both payloads.
 */
import { characters, type ListColumn } from '$src/components/row-list';
import { m } from '$src/i18n';

import { nameOf, type Both } from './compare-words';

export type ColumnName = 'time' | 'kind' | 'later' | 'topic' | 'left' | 'right';

export interface Column extends ListColumn {
  name: ColumnName;
}

/** Panes narrower than these, in pixels, leave out the difference in time, then the kind's word. */
const ROOM_FOR_LATER = 600;
const ROOM_FOR_WORD = 480;

/** Characters of the columns whose width does not depend on the pane's. */
const TIME = 12;
const WORD = 11;
const SIGN = 1;
const LATER = 8;

export function columnsFor(width: number, both: Both): Column[] {
  const later = width >= ROOM_FOR_LATER;
  const kind = width >= ROOM_FOR_WORD ? WORD : SIGN;
  const fixed = [TIME, kind, ...(later ? [LATER] : [])];
  const rest = `100% - ${fixed.reduce((sum, each) => sum + each, 0)}ch - ${fixed.length} * var(--s2)`;
  return [
    {
      name: 'time',
      label: m.messages_column_time,
      title: m.comparison_column_time,
      width: characters(TIME),
      align: 'start',
    },
    {
      name: 'kind',
      label: () => (kind === SIGN ? '' : m.comparison_column_kind()),
      title: m.comparison_column_kind,
      width: characters(kind),
      align: 'start',
    },
    ...(later
      ? [
          {
            name: 'later' as const,
            label: () => 'Δ',
            title: m.comparison_column_later,
            width: characters(LATER),
            align: 'end' as const,
          },
        ]
      : []),
    {
      name: 'topic',
      label: m.messages_column_topic,
      title: m.messages_column_topic,
      width: `calc((${rest}) * 0.34)`,
      align: 'start',
    },
    {
      name: 'left',
      label: () => nameOf(both.left),
      title: () => m.comparison_column_payload({ name: nameOf(both.left) }),
      width: `calc((${rest}) * 0.33)`,
      align: 'start',
    },
    {
      name: 'right',
      label: () => nameOf(both.right),
      title: () => m.comparison_column_payload({ name: nameOf(both.right) }),
      width: 'auto',
      align: 'start',
    },
  ];
}
