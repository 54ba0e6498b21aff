import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { missing, type Repair, surplus } from './difference.js';
import { findRole, type LiveRole, type NamedRole } from './role-names.js';

/** Roles that something carries: an account, a scope, another role. */
export interface RoleSet {
  path: string;
  declared: readonly string[];
  live: readonly NamedRole[];
  /** Whether a role that isn't declared is an administrator's own affair; none is, unless said. */
  leave?: (role: NamedRole) => boolean;
  /** Told roles of one client, or of the realm (null), at a time. */
  add(roles: LiveRole[], clientUuid: string | null): Promise<unknown>;
  remove(roles: LiveRole[], clientUuid: string | null): Promise<unknown>;
}

export async function* keepRoleSet(keycloak: KcAdminClient, set: RoleSet): AsyncGenerator<Repair> {
  const carried = new Set(set.live.map(({ path }) => path));
  const wanted = set.declared.filter((path) => !carried.has(path));
  const unwanted = set.live.filter((role) => !set.declared.includes(role.path) && !set.leave?.(role));
  if (wanted.length > 0) {
    yield {
      differences: wanted.map((path) => missing(`${set.path}.${path}`)),
      apply: async () => {
        const roles = await Promise.all(wanted.map((path) => findRole(keycloak, path)));
        await byOwner(roles, set.add);
      },
    };
  }
  if (unwanted.length > 0) {
    yield {
      differences: unwanted.map(({ path }) => surplus(`${set.path}.${path}`)),
      apply: () => byOwner(unwanted, set.remove),
    };
  }
}

async function byOwner(roles: readonly NamedRole[], act: RoleSet['add']): Promise<void> {
  const owners = new Map<string | null, LiveRole[]>();
  for (const { path: _, ...role } of roles) {
    const owner = role.clientRole ? (role.containerId ?? null) : null;
    owners.set(owner, [...(owners.get(owner) ?? []), role]);
  }
  for (const [owner, ofOwner] of owners) await act(ofOwner, owner);
}
