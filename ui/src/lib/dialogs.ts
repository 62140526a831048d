/** Who has the keys while a dialog is open. */

/** Whether a dialog is open: then keys are its own, and Esc, which the browser turns into its closing, above all. */
export function dialogIsOpen(): boolean {
  return document.querySelector('dialog[open]') !== null;
}
