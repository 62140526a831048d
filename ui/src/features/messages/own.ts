/** Which of the lists on the page is a profile's: two may stand side by side. */
import type { ProfileId } from '$src/bindings/engine';

/** The list of a profile's messages, where it is on the page. */
export function listOf(profile: ProfileId): HTMLElement | null {
  const lists = document.querySelectorAll<HTMLElement>('[data-testid="message-list"]');
  return [...lists].find((list) => isOf(list, profile)) ?? null;
}

function isOf(list: HTMLElement, profile: ProfileId): boolean {
  const pane = list.closest<HTMLElement>('[data-testid="messages"]');
  return pane === null || pane.dataset['profile'] === profile;
}
