import { readFileSync } from 'node:fs';

/** Their values hold passwords: each may come as a file instead, which `<NAME>_FILE` names (T4). */
export const WITH_PASSWORDS = {
  DATABASE_URL: 'DATABASE_URL_FILE',
  DATABASE_DIRECT_URL: 'DATABASE_DIRECT_URL_FILE',
  REDIS_URL: 'REDIS_URL_FILE',
} as const;

/**
 * What an environment says, with what its files say in their place. An empty variable is how compose files and charts
 * say "not set".
 */
export function readEnvironment(environment: NodeJS.ProcessEnv): {
  given: Record<string, string>;
  problems: string[];
} {
  const given: Record<string, string> = {};
  const problems: string[] = [];
  for (const [name, value] of Object.entries(environment)) if (value) given[name] = value;
  for (const [name, fileName] of Object.entries(WITH_PASSWORDS)) {
    const path = given[fileName];
    if (path === undefined) continue;
    if (given[name] !== undefined) problems.push(`${name} and ${fileName} are both set: only one may be`);
    else
      try {
        given[name] = readFileSync(path, 'utf8').trim();
      } catch (error) {
        problems.push(`${fileName}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
      }
  }
  return { given, problems };
}

/** A secret of one line. */
export function readSecretFile(name: string, path: string): { value?: string; problem?: string } {
  try {
    const value = readFileSync(path, 'utf8').trim();
    return value.length >= 16 ? { value } : { problem: `${name}: ${path} must hold at least 16 characters` };
  } catch (error) {
    return { problem: `${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})` };
  }
}
