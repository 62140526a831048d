/**
 * The columns of the timeline, and which of them fit. Widths count in characters of the list's monospace font. A narrow
 * pane keeps what tells packets apart: time, direction, type and what it is about.
 */
import { characters, numberWidth, type ListColumn } from '$src/components/row-list';
import { m } from '$src/i18n';

export type ColumnName =
  'number' | 'time' | 'delta' | 'direction' | 'kind' | 'id' | 'size' | 'flags' | 'about';

export interface Column extends ListColumn {
  name: ColumnName;
}

/** Panes narrower than this, in pixels, leave the column out. */
const ROOM: Partial<Record<ColumnName, number>> = {
  number: 700,
  delta: 470,
  size: 530,
  flags: 420,
};

/** The columns for a pane of `width` pixels whose largest packet number is `last`. */
export function columnsFor(width: number, last: number): Column[] {
  const number = { ...NUMBER, width: numberWidth(last) };
  const columns = [number, TIME, DELTA, DIRECTION, KIND, ID, SIZE, FLAGS, ABOUT];
  return columns.filter(({ name }) => width >= (ROOM[name] ?? 0));
}

const NUMBER: Column = {
  name: 'number',
  label: () => '#',
  title: m.packets_column_number,
  width: '',
  align: 'end',
};
const TIME: Column = {
  name: 'time',
  label: m.packets_column_time,
  title: m.packets_column_time,
  width: characters(12),
  align: 'start',
};
const DELTA: Column = {
  name: 'delta',
  label: () => 'Δ',
  title: m.packets_column_delta,
  width: characters(8),
  align: 'end',
};
const DIRECTION: Column = {
  name: 'direction',
  label: () => '',
  title: m.packets_column_direction,
  width: characters(1),
  align: 'start',
};
const KIND: Column = {
  name: 'kind',
  label: m.packets_column_kind,
  title: m.packets_column_kind,
  width: `calc(12ch + var(--s2))`,
  align: 'start',
};
const ID: Column = {
  name: 'id',
  label: () => 'ID',
  title: () => 'Packet Identifier',
  width: characters(5),
  align: 'end',
};
const SIZE: Column = {
  name: 'size',
  label: m.packets_column_size,
  title: m.packets_column_size_title,
  width: characters(6),
  align: 'end',
};
const FLAGS: Column = {
  name: 'flags',
  label: m.packets_column_flags,
  title: m.packets_column_flags,
  width: characters(6),
  align: 'start',
};
const ABOUT: Column = {
  name: 'about',
  label: m.packets_column_about,
  title: m.packets_column_about,
  width: 'auto',
  align: 'start',
};
