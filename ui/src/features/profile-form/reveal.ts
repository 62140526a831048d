/** Brings a control of the form into sight: opens the folds around it, scrolls, and gives it the focus. */
import type { FieldName } from './field-names';

/** The control of a field, or the nearest one that makes it show up. */
export function controlOf(form: HTMLElement, { testids }: FieldName): HTMLElement | null {
  for (const testid of testids) {
    const found = form.querySelector<HTMLElement>(`[data-testid="${testid}"]`);
    if (found) return found;
  }
  return null;
}

export function reveal(control: HTMLElement): void {
  for (let fold = control.closest('details'); fold;) {
    fold.open = true;
    fold = fold.parentElement?.closest('details') ?? null;
  }
  const usable = 'input:not([type=radio]), textarea, select, button, input:checked';
  const target = control.matches('input, textarea, select, button')
    ? control
    : control.querySelector<HTMLElement>(usable);
  target?.focus({ preventScroll: true });
  control.scrollIntoView({ block: 'center' });
}
