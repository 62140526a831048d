/**
 * Names and values that were pasted as lines: `key: value`, `key=value`, or two columns of a table.
 *
 * A line is cut at the first of the signs; one without any is a name alone. White space around name and value goes, because it
 * comes from the layout of what was copied.
 */

/** The pairs of a text of several lines; null for a single line, which a field takes as it is. */
export function pairsOf(text: string): { name: string; value: string }[] | null {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
  return lines.length > 1 ? lines.map(pairOf) : null;
}

function pairOf(line: string): { name: string; value: string } {
  const at = line.includes('\t') ? line.indexOf('\t') : line.search(/[:=]/);
  if (at < 0) return { name: line.trim(), value: '' };
  return { name: line.slice(0, at).trim(), value: line.slice(at + 1).trim() };
}
