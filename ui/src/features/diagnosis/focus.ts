/** Whether a report may take the focus: it never takes it from a field, a list or a dialog that somebody is using. */
export function mayTakeFocus(): boolean {
  const active = document.activeElement;
  if (!active || active === document.body) return true;
  return active.closest('[data-asks-diagnosis]') !== null;
}
