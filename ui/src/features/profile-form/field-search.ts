/** Finds fields by any of their names; case, blanks and signs do not count. */
import { FIELDS, type FieldName } from './field-names';

export interface Found {
  entry: FieldName;
  /** The name that matched, where it is another one than the label. */
  as: string;
}

const MOST = 12;

function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[\s_.\-#]/g, '');
}

/** How well a name matches: 0 exactly, 1 at its beginning, 2 at the beginning of a word, 3 inside; 4 not at all. */
function rank(name: string, wanted: string): number {
  const text = plain(name);
  if (text === wanted) return 0;
  if (text.startsWith(wanted)) return 1;
  const words = name.split(/(?=[A-Z])|[\s_.-]+/);
  const starts = words.some((_, index) => plain(words.slice(index).join('')).startsWith(wanted));
  if (starts) return 2;
  return text.includes(wanted) ? 3 : 4;
}

/** The fields whose label, path or foreign names hold the text; the best first. */
export function findFields(text: string, fields: readonly FieldName[] = FIELDS): Found[] {
  const wanted = plain(text);
  if (wanted === '') return [];
  return fields
    .map((entry) => {
      const label = entry.label();
      const names = [label, ...entry.names, entry.field];
      const ranked = names.map((name) => ({ name, rank: rank(name, wanted) }));
      const best = ranked.reduce((one, other) => (other.rank < one.rank ? other : one));
      return { entry, rank: best.rank, as: best.name === label ? '' : best.name };
    })
    .filter((found) => found.rank < 4)
    .sort((one, other) => one.rank - other.rank)
    .slice(0, MOST)
    .map(({ entry, as }) => ({ entry, as }));
}

/** The entry that a problem's path, or a changed field's, belongs to: the closest one. */
export function entryOf(path: string): FieldName | undefined {
  return FIELDS.filter(({ field }) => path === field || path.startsWith(`${field}.`)).sort(
    (one, other) => other.field.length - one.field.length,
  )[0];
}
