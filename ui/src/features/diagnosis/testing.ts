/** A report's parts in a document, for this folder's tests. */
import { flushSync } from 'svelte';

export function find(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`there is no ${selector}`);
  return found;
}

export const byId = (testid: string) => find(`[data-testid="${testid}"]`);
export const has = (testid: string) => document.querySelector(`[data-testid="${testid}"]`) !== null;
export const textOf = (testid: string) => byId(testid).textContent?.replace(/\s+/g, ' ').trim();

/** The lines of the tables in an element, cells parted by bars. */
export const rowsOf = (testid: string) =>
  [...byId(testid).querySelectorAll('tr')].map((row) =>
    [...row.children].map((cell) => cell.textContent?.trim()).join(' | '),
  );

export function click(testid: string): void {
  byId(testid).click();
  flushSync();
}

/** Lets the engine in memory answer, and the window take it in. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  flushSync();
}
