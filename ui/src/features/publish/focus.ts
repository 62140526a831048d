/** Brings the cursor to where a person goes on writing. */
import { tick } from 'svelte';

/** Puts the cursor into the payload, once the box shows it. */
export async function focusPayload(): Promise<void> {
  await tick();
  document.querySelector<HTMLElement>('[data-testid="publish-payload"]')?.focus();
}
