/**
 * Places of the window that take a dropped file; what is dropped elsewhere is imported.
 *
 * They are found by where they lie and not by what lies on top, because while files are dragged the hint about them does.
 */
import { dialogIsOpen } from '$src/lib/dialogs';

/** Takes a file by its path. */
export type TakeFile = (path: string) => void;

const places = new Map<Element, TakeFile>();

/** Lets an element take a file that is dropped on it; the answer ends it. */
export function takesFiles(element: Element, take: TakeFile): () => void {
  places.set(element, take);
  return () => void places.delete(element);
}

/** Who takes a file at a point of the page, or null. What a dialog stands before takes none. */
export function placeAt(x: number, y: number): TakeFile | null {
  if (dialogIsOpen()) return null;
  for (const [element, take] of places) {
    const box = element.getBoundingClientRect();
    if (x >= box.left && x < box.right && y >= box.top && y < box.bottom) return take;
  }
  return null;
}
