import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { InvalidConfig } from './config.js';
import { origin, realmName, sessionTimes } from './environment-schema.js';

const schema = z.object({
  IDENTITY_KEYCLOAK_URL: origin,
  IDENTITY_KEYCLOAK_REALM: realmName,
  IDENTITY_REALM_ADMIN_CLIENT_ID: z.string().min(1),
  IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE: z.string().min(1),
  IDENTITY_REALM_ADMIN_REALM: z.string().min(1).default('master'),
  IDENTITY_REALM_FILE: z.string().min(1).optional(),
  IDENTITY_REALM_SET_SECRETS: z.enum(['0', '1']).default('0'),
  ...sessionTimes,
});

/** What the migration job needs to keep the realm; server and worker never have its credential. */
export interface RealmConfig {
  owner: { url: string; ownRealm: string; clientId: string; clientSecret: string; realm: string };
  /** The declaration; the one that comes with the service when not set. */
  file: string | undefined;
  setSecrets: boolean;
  /** Seconds that the realm's sessions must last at least (D4). */
  atLeast: { idle: number; maximum: number };
  /** The value of a placeholder: of the variable, or of the file that <NAME>_FILE names. */
  lookUp(name: string): string | undefined;
}

/**
 * @returns null when no credential is given at all: then the realm is somebody else's affair
 * @throws InvalidConfig naming every problem at once
 */
export function loadRealmConfig(environment: NodeJS.ProcessEnv = process.env): RealmConfig | null {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  if (!given.IDENTITY_REALM_ADMIN_CLIENT_ID && !given.IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE) return null;
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new InvalidConfig(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  }
  const env = parsed.data;
  return {
    owner: {
      url: env.IDENTITY_KEYCLOAK_URL,
      ownRealm: env.IDENTITY_REALM_ADMIN_REALM,
      clientId: env.IDENTITY_REALM_ADMIN_CLIENT_ID,
      clientSecret: readValue(
        'IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE',
        env.IDENTITY_REALM_ADMIN_CLIENT_SECRET_FILE,
      ),
      realm: env.IDENTITY_KEYCLOAK_REALM,
    },
    file: env.IDENTITY_REALM_FILE,
    setSecrets: env.IDENTITY_REALM_SET_SECRETS === '1',
    atLeast: { idle: 4 * env.IDENTITY_KEYCLOAK_RECHECK_S, maximum: env.IDENTITY_SESSION_ABSOLUTE_TTL_S },
    lookUp: (name) => {
      const path = given[`${name}_FILE`];
      return given[name] ?? (path && readValue(`${name}_FILE`, path));
    },
  };
}

function readValue(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    throw new InvalidConfig([`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`]);
  }
}
