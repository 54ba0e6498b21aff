/** One thing that is not as declared. `path` reads as in the declaration, lists by the name of their items. */
export interface Difference {
  path: string;
  from: unknown;
  to: unknown;
}

/** What one write would put right. */
export interface Repair {
  differences: Difference[];
  /** Missing where the difference is told and left: repairing it is somebody's decision. */
  apply?: () => Promise<unknown>;
}

export const missing = (path: string): Difference => ({ path, from: '(missing)', to: '(declared)' });
export const surplus = (path: string): Difference => ({ path, from: '(present)', to: '(removed)' });

const SECRET_NAMES = /(^|\.)(secret|password|clientSecret|bindCredential|privateKey|keystorePassword)$/i;
const HIDDEN = '[secret]';
const LONGEST = 300;

const hideByName = (name: string, value: unknown) => (SECRET_NAMES.test(name) ? HIDDEN : value);

/**
 * A difference as one may print it: values as short text, never a secret, be it by its name or by its value.
 * @param secrets values of the secret placeholders
 */
export function printable({ path, from, to }: Difference, secrets: readonly string[]) {
  const print = (value: unknown): string => {
    if (SECRET_NAMES.test(path)) return HIDDEN;
    const text = typeof value === 'string' ? value : (JSON.stringify(value, hideByName) ?? '(missing)');
    const clean = secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
    return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
  };
  return { path, from: print(from), to: print(to) };
}
