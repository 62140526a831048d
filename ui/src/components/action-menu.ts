/** An entry of a menu of actions. */
export interface MenuAction {
  label: string;
  testid: string;
  /** Its keys, as they stand on the keyboard. */
  keys?: string;
  /** Why it cannot be done now. */
  hindrance?: string | null;
  run: () => void;
}
