/** `value` as an object whose every property is followed by what reads it. */
export function reactive<T extends object>(value: T): T {
  const made = $state(value);
  return made;
}

/**
 * Makes something that outlives the component that asks for it first. What is derived inside would otherwise
 * end with that component, and go stale for the next one.
 */
export function outliving<T>(make: () => T): T {
  const made: T[] = [];
  $effect.root(() => {
    made.push(make());
  });
  return made[0] as T;
}
