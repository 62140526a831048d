/**
 * The engine's hex rows, laid out anew for a narrow pane.
 *
 * The engine writes rows of 16 bytes as `hexdump -C` does, 78 characters wide. In the inspector rows of eight fit, with as few
 * digits of the offset as the payload needs. What is not such a row is passed on as it is.
 */

const ROW = /^([0-9a-f]{8}) {2}(.{23}) {2}(.{23}) \|(.*)\|$/;

/** The rows of `text`, each in two halves; `digits` are those of the offset. */
export function halfRows(text: string, digits: number): string {
  return text
    .split('\n')
    .map((line) => halves(line, digits))
    .join('\n');
}

/** How many digits of an offset a payload of `total` bytes needs: four at least. */
export function offsetDigits(total: number): number {
  return Math.max(4, Math.max(0, total - 1).toString(16).length);
}

function halves(line: string, digits: number): string {
  const match = ROW.exec(line);
  if (!match) return line;
  const [, offset = '', left = '', right = '', shown = ''] = match;
  const at = Number.parseInt(offset, 16);
  const write = (from: number, bytes: string, text: string) =>
    `${from.toString(16).padStart(digits, '0')}  ${bytes}  ${text}`;
  const first = write(at, left, shown.slice(0, 8));
  return right.trim() === '' ? first : `${first}\n${write(at + 8, right, shown.slice(8))}`;
}
