import { isRecord } from './compare.js';
import { MissingPlaceholders } from './errors.js';

/** Ours are in capitals; `${username}` and its like are keys of Keycloak's messages and stay. */
const PLACEHOLDER = /\$\{([A-Z][A-Z0-9_]*)\}/g;
/** A whole text that may have no value: Keycloak's import then writes the empty default, and we leave the setting out. */
const OPTIONAL = /^\$\{([A-Z][A-Z0-9_]*):\}$/;
const SECRET = /SECRET|PASSWORD|TOKEN|KEY$/;

/**
 * Puts values in place of `${NAME}`, in texts only, so that no value can change the structure. A setting whose text
 * is `${NAME:}` is left out, and so is nobody's but the administrators', when there is no value.
 * @returns the declaration, and which values must never be printed
 * @throws MissingPlaceholders naming all that have no value
 */
export function resolvePlaceholders<T>(
  declaration: T,
  lookUp: (name: string) => string | undefined,
): { resolved: T; secrets: string[] } {
  const unknown = new Set<string>();
  const secrets = new Set<string>();
  const given = (name: string): string | undefined => {
    const value = lookUp(name);
    if (value && SECRET.test(name)) secrets.add(value);
    return value || undefined;
  };
  const resolveText = (text: string): string | undefined => {
    const [, optional] = OPTIONAL.exec(text) ?? [];
    if (optional) return given(optional);
    return text.replace(PLACEHOLDER, (placeholder, name: string) => {
      const value = given(name);
      if (!value) unknown.add(name);
      return value ?? placeholder;
    });
  };
  const resolve = (value: unknown): unknown => {
    if (typeof value === 'string') return resolveText(value);
    if (Array.isArray(value)) return value.map(resolve);
    if (!isRecord(value)) return value;
    const items = Object.entries(value).map(([name, item]) => [name, resolve(item)]);
    return Object.fromEntries(items.filter(([, item]) => item !== undefined));
  };
  const resolved = resolve(declaration) as T;
  if (unknown.size > 0) throw new MissingPlaceholders([...unknown].sort());
  return { resolved, secrets: [...secrets] };
}
