/**
 * The words that are looked for, marked in the rows on screen. Ranges over the rows' own text nodes: nothing is added to the
 * page, and rows are recycled as before. Webviews without this way of marking leave it out. So are regular expressions,
 * because the window's own could take forever where the engine's takes a moment.
 */

const NAME = 'find';

/** What is marked, by the profile of the list: there may be two lists on the page. */
const marked = new Map<string, Range[]>();

/** The cells that are searched. */
const CELLS = '[data-testid=message-preview], [data-testid=message-topic]';

/** Marks `text` in the rows of a profile's list; nothing where it is empty. */
export function highlight(
  profile: string,
  list: ParentNode | null,
  text: string,
  caseSensitive: boolean,
): void {
  if (!('highlights' in CSS)) return;
  marked.set(profile, list && text !== '' ? rangesIn(list, text, caseSensitive) : []);
  const ranges = [...marked.values()].flat();
  if (ranges.length > 0) CSS.highlights.set(NAME, new Highlight(...ranges));
  else CSS.highlights.delete(NAME);
}

function rangesIn(list: ParentNode, text: string, caseSensitive: boolean): Range[] {
  const fold = (value: string) => (caseSensitive ? value : value.toLowerCase());
  const wanted = fold(text);
  const ranges: Range[] = [];
  for (const cell of list.querySelectorAll(CELLS)) {
    const node = cell.firstChild;
    if (!(node instanceof Text)) continue;
    const within = fold(node.data);
    // Where folding changes the length, places are not the same any more.
    if (within.length !== node.data.length) continue;
    for (
      let at = within.indexOf(wanted);
      at >= 0;
      at = within.indexOf(wanted, at + wanted.length)
    ) {
      const range = document.createRange();
      range.setStart(node, at);
      range.setEnd(node, at + wanted.length);
      ranges.push(range);
    }
  }
  return ranges;
}
