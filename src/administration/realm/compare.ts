import type { Difference } from './difference.js';

/** What Keycloak answers in place of values that it takes for secrets: equal to whatever it hides. */
const MASK = '**********';

/** Lists that an administrator may add to without undoing what we declare. */
const EXTENSIBLE = new Set(['supportedLocales', 'eventsListeners']);

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Keycloak drops what is empty and leaves out what is off. */
const isNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || value === false || isEmptyList(value);
const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
const lastName = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/**
 * What of `declared` does not hold in `live`. What `declared` does not name is not ours; lists are sets of texts.
 */
export function findDifferences(path: string, declared: unknown, live: unknown): Difference[] {
  if (isRecord(declared) && live === undefined && path !== '') {
    return Object.values(declared).every(isNothing) ? [] : [{ path, from: undefined, to: declared }];
  }
  if (isRecord(declared)) {
    return Object.entries(declared).flatMap(([name, value]) =>
      findDifferences(path === '' ? name : `${path}.${name}`, value, isRecord(live) ? live[name] : undefined),
    );
  }
  const same =
    (isNothing(declared) && isNothing(live)) ||
    (live === MASK && !isNothing(declared)) ||
    (Array.isArray(declared) ? holds(path, declared, live) : declared === live);
  return same ? [] : [{ path, from: live, to: declared }];
}

function holds(path: string, declared: readonly unknown[], live: unknown): boolean {
  const found = new Set(Array.isArray(live) ? live : []);
  return (
    declared.every((item) => found.has(item)) &&
    (found.size === declared.length || EXTENSIBLE.has(lastName(path)))
  );
}

/** `live` with everything declared put over it, for interfaces that replace the whole. */
export function overlay<T>(live: T, declared: unknown, path = ''): T {
  if (!isRecord(declared)) {
    if (!Array.isArray(declared) || !Array.isArray(live) || !EXTENSIBLE.has(lastName(path)))
      return declared as T;
    return [...new Set([...live, ...declared])] as T;
  }
  const merged: Record<string, unknown> = isRecord(live) ? { ...live } : {};
  for (const [name, value] of Object.entries(declared)) merged[name] = overlay(merged[name], value, name);
  return merged as T;
}
