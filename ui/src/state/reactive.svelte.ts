/** `value` as an object whose every property is followed by what reads it. */
export function reactive<T extends object>(value: T): T {
  const made = $state(value);
  return made;
}
