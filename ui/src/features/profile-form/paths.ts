/** Fields of a profile by their path, written as the engine's problems write it: `will.properties.content_type`. */

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** What stands at a path; undefined where there is no such place. */
export function at(whole: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((part, name) => (isObject(part) ? part[name] : undefined), whole);
}

/** Puts a value at a path. False, and nothing done, where the place's parent is not there. */
export function put(whole: unknown, path: string, value: unknown): boolean {
  const end = path.lastIndexOf('.');
  const parent = end < 0 ? whole : at(whole, path.slice(0, end));
  if (!isObject(parent)) return false;
  parent[path.slice(end + 1)] = value;
  return true;
}

/** Whether `path` is `field` or lies in it. */
export function lies(path: string, field: string): boolean {
  return path === field || path.startsWith(`${field}.`);
}

/** The paths of the values that differ, in the order of `after`. A list counts as one value. */
export function differences(before: unknown, after: unknown, path = ''): string[] {
  const plain = (value: unknown) => !isObject(value) || Array.isArray(value);
  if (plain(before) || plain(after)) {
    return JSON.stringify(before) === JSON.stringify(after) ? [] : [path];
  }
  const [old, now] = [before as Record<string, unknown>, after as Record<string, unknown>];
  const names = [...new Set([...Object.keys(now), ...Object.keys(old)])];
  return names.flatMap((name) =>
    differences(old[name], now[name], path === '' ? name : `${path}.${name}`),
  );
}
