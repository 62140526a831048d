/** A property that is not sent, or sent as false or true, as one of three words. */
export type Tristate = 'none' | 'false' | 'true';

export const sentOrNot = {
  of: (value: boolean | null): Tristate => (value === null ? 'none' : value ? 'true' : 'false'),
  to: (word: Tristate): boolean | null => (word === 'none' ? null : word === 'true'),
};

/** The three with their labels. */
export function tristates(
  none: string,
  no: string,
  yes: string,
): { value: Tristate; label: string }[] {
  return [
    { value: 'none', label: none },
    { value: 'false', label: no },
    { value: 'true', label: yes },
  ];
}
