import { readFileSync } from 'node:fs';
import type RealmRepresentation from '@keycloak/keycloak-admin-client/lib/defs/realmRepresentation.js';
import { isRecord } from './compare.js';
import { UnkeptDeclaration } from './errors.js';
import { resolvePlaceholders } from './placeholders.js';
import type { RoleMappings } from './role-names.js';

interface DeclaredScopeMapping {
  client?: string;
  clientScope?: string;
  roles: string[];
}

/** The realm in the form of Keycloak's import, as far as it is kept. */
export type RealmDeclaration = Omit<
  RealmRepresentation,
  'scopeMappings' | 'clientScopeMappings' | 'users' | 'components'
> & {
  realm: string;
  scopeMappings?: DeclaredScopeMapping[];
  clientScopeMappings?: Record<string, DeclaredScopeMapping[]>;
  users?: (RoleMappings & { username?: string; serviceAccountClientId?: string })[];
  components?: Record<string, { config?: Record<string, string[]> }[]>;
};

/** Sections with a keeper of their own; every other name is a plain setting of the realm. */
export const SECTIONS = [
  'realm',
  'roles',
  'defaultRole',
  'clientScopes',
  'scopeMappings',
  'clientScopeMappings',
  'clients',
  'users',
  'requiredActions',
  'authenticationFlows',
  'authenticatorConfig',
  'components',
] as const;

export const USER_PROFILE = 'org.keycloak.userprofile.UserProfileProvider';

export interface LoadOptions {
  file: string;
  /** Takes the place of the declared name. */
  realm: string;
  lookUp: (name: string) => string | undefined;
  /** What our own settings ask of the realm's session times, in seconds (D4). */
  atLeast: { idle: number; maximum: number };
}

/**
 * Reads the one declaration that import and reconciler share.
 * @throws MissingPlaceholders, UnkeptDeclaration before anything is asked of Keycloak
 */
export function loadDeclaration({ file, realm, lookUp, atLeast }: LoadOptions) {
  const declared = JSON.parse(readFileSync(file, 'utf8')) as RealmDeclaration;
  refuseUnkept(declared);
  const { resolved, secrets } = resolvePlaceholders(declared, lookUp);
  const declaration: RealmDeclaration = {
    ...resolved,
    realm,
    // Whoever lengthens our sessions lengthens the realm's with them; the server refuses to start otherwise.
    ssoSessionIdleTimeout: Math.max(resolved.ssoSessionIdleTimeout ?? 0, atLeast.idle),
    ssoSessionMaxLifespan: Math.max(resolved.ssoSessionMaxLifespan ?? 0, atLeast.maximum),
  };
  return { declaration, secrets };
}

/** A section that is imported but not kept would drift unseen. */
function refuseUnkept(declared: RealmDeclaration): void {
  const sections: readonly string[] = SECTIONS;
  const lists = Object.entries(declared)
    .filter(([name, value]) => !sections.includes(name) && listsObjects(value))
    .map(([name]) => name);
  const components = Object.keys(declared.components ?? {}).filter((name) => name !== USER_PROFILE);
  const people = (declared.users ?? []).filter((user) => !user.serviceAccountClientId);
  const unkept = [
    ...lists,
    ...components.map((name) => `components.${name}`),
    ...people.map((user) => `users.${user.username}`),
    ...(declared.roles?.client ? ['roles.client'] : []),
  ];
  if (unkept.length > 0) throw new UnkeptDeclaration(unkept);
}

/** Settings are compared as values and sets of texts; a list of objects needs a keeper that knows their names. */
function listsObjects(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => typeof item === 'object');
  return isRecord(value) && Object.values(value).some(listsObjects);
}
