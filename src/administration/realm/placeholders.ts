import { isRecord } from './compare.js';
import { MissingPlaceholders } from './errors.js';

/** Ours are in capitals; `${username}` and its like are keys of Keycloak's messages and stay. */
const PLACEHOLDER = /\$\{([A-Z][A-Z0-9_]*)\}/g;
const SECRET = /SECRET|PASSWORD|TOKEN|KEY$/;

/**
 * Puts values in place of `${NAME}`, in texts only, so that no value can change the structure.
 * @returns the declaration, and which values must never be printed
 * @throws MissingPlaceholders naming all that have no value
 */
export function resolvePlaceholders<T>(
  declaration: T,
  lookUp: (name: string) => string | undefined,
): { resolved: T; secrets: string[] } {
  const unknown = new Set<string>();
  const secrets = new Set<string>();
  const resolveText = (text: string): string =>
    text.replace(PLACEHOLDER, (placeholder, name: string) => {
      const value = lookUp(name);
      if (!value) unknown.add(name);
      if (value && SECRET.test(name)) secrets.add(value);
      return value || placeholder;
    });
  const resolve = (value: unknown): unknown => {
    if (typeof value === 'string') return resolveText(value);
    if (Array.isArray(value)) return value.map(resolve);
    if (!isRecord(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolve(item)]));
  };
  const resolved = resolve(declaration) as T;
  if (unknown.size > 0) throw new MissingPlaceholders([...unknown].sort());
  return { resolved, secrets: [...secrets] };
}
