/** Keys as they stand on the keyboard in front of the person: `Ctrl+B`, on a Mac `⌘B`. */
const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);

const SIGNS: Record<string, string> = { Mod: '⌘', Shift: '⇧', Alt: '⌥' };

/** `Mod+Shift+F` for this keyboard. */
export function shortcut(keys: string, mac = isMac): string {
  if (!mac) return keys.replace('Mod', 'Ctrl');
  return keys
    .split('+')
    .map((key) => SIGNS[key] ?? key)
    .join('');
}

/** Whether an event is of a key with exactly these modifiers; `Mod` is Ctrl, or Cmd on a Mac. */
export function isKey(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split('+');
  const key = parts.at(-1) ?? '';
  return (
    event.key.toLowerCase() === key.toLowerCase() &&
    (event.ctrlKey || event.metaKey) === parts.includes('Mod') &&
    event.shiftKey === parts.includes('Shift') &&
    event.altKey === parts.includes('Alt')
  );
}
