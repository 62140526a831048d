/**
 * The columns of the message list, and which of them fit.
 *
 * Widths count in characters of the list's monospace font plus the cell's padding, so they do not move when messages come.
 * A narrow pane keeps what tells messages apart: time, direction, topic and payload.
 */
import { characters, numberWidth, type ListColumn } from '$src/components/row-list';
import { m } from '$src/i18n';

export type ColumnName =
  'number' | 'time' | 'direction' | 'topic' | 'qos' | 'retain' | 'size' | 'payload';

export interface Column extends ListColumn {
  name: ColumnName;
}

/** Panes narrower than this, in pixels, leave out the number, then the size and flags. */
const ROOM_FOR_NUMBER = 540;
const ROOM_FOR_FLAGS = 400;

/** The columns for a pane of `width` pixels whose largest message number is `lastId`. */
export function columnsFor(width: number, lastId: number): Column[] {
  const columns: Column[] = [];
  if (width >= ROOM_FOR_NUMBER) columns.push({ ...NUMBER, width: numberWidth(lastId) });
  const flags = width >= ROOM_FOR_FLAGS;
  columns.push(TIME, DIRECTION, flags ? TOPIC : { ...TOPIC, width: '34%' });
  if (flags) columns.push(QOS, RETAIN, SIZE);
  columns.push(PAYLOAD);
  return columns;
}

const NUMBER: Column = {
  name: 'number',
  label: () => '#',
  title: m.messages_column_number,
  width: '',
  align: 'end',
};
const TIME: Column = {
  name: 'time',
  label: m.messages_column_time,
  title: m.messages_column_time,
  width: characters(12),
  align: 'start',
};
const DIRECTION: Column = {
  name: 'direction',
  label: () => '',
  title: m.messages_column_direction,
  width: characters(1),
  align: 'start',
};
const TOPIC: Column = {
  name: 'topic',
  label: m.messages_column_topic,
  title: m.messages_column_topic,
  width: '27%',
  align: 'start',
};
const QOS: Column = {
  name: 'qos',
  label: () => 'QoS',
  title: () => 'QoS',
  width: characters(4),
  align: 'middle',
};
const RETAIN: Column = {
  name: 'retain',
  label: m.messages_column_retain_short,
  title: m.messages_column_retain,
  width: characters(1),
  align: 'middle',
};
const SIZE: Column = {
  name: 'size',
  label: m.messages_column_size,
  title: m.messages_column_size_title,
  width: characters(6),
  align: 'end',
};
const PAYLOAD: Column = {
  name: 'payload',
  label: m.messages_column_payload,
  title: m.messages_column_payload,
  width: 'auto',
  align: 'start',
};
