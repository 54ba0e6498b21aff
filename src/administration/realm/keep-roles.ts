import type RoleRepresentation from '@keycloak/keycloak-admin-client/lib/defs/roleRepresentation.js';
import { findDifferences } from './compare.js';
import { missing } from './difference.js';
import { keepRoleSet } from './keep-role-set.js';
import type { Keeper } from './keeper.js';
import { type NamedRole, roleNames } from './role-names.js';

/** The declared roles of the realm; what the default role carries is keepDefaultRole's. */
export const keepRoles: Keeper = async function* ({ keycloak, declared }) {
  for (const role of declared.roles?.realm ?? []) {
    const name = role.name ?? '';
    if (name === declared.defaultRole?.name) continue;
    const path = `roles.${name}`;
    const live = await keycloak.roles.findOneByName({ name });
    if (!live) {
      yield { differences: [missing(path)], apply: () => keycloak.roles.create(role) };
      continue;
    }
    const description = { description: role.description ?? '' };
    const differences = findDifferences(path, description, live);
    if (differences.length > 0) {
      yield { differences, apply: () => keycloak.roles.updateByName({ name }, { ...live, ...description }) };
    }
  }
};

/** Clients that Keycloak makes in every realm; a role of one of these in everybody's hands is never an addition. */
const BUILT_IN = /^(account|realm-management|broker|security-admin-console|admin-cli|account-console)\//;

/**
 * What everybody is given. An administrator's own roles may be added; a role that the declaration names elsewhere
 * (offline_access) or that Keycloak brings along (realm-management) may not.
 */
export const keepDefaultRole: Keeper = async function* ({ keycloak, declared }) {
  const ours = declared.roles?.realm ?? [];
  const role = ours.find(({ name }) => name === declared.defaultRole?.name);
  const realm = await keycloak.realms.findOne({ realm: declared.realm });
  const id = realm?.defaultRole?.id;
  if (!role || !id) return;
  const live = await withPaths(keycloak, await keycloak.roles.getCompositeRoles({ id }));
  const named = new Set(ours.map(({ name }) => name));
  yield* keepRoleSet(keycloak, {
    path: 'defaultRole',
    declared: roleNames({
      realmRoles: role.composites?.realm ?? [],
      clientRoles: (role.composites?.client ?? {}) as Record<string, string[]>,
    }),
    live,
    leave: ({ path }) => !named.has(path) && !BUILT_IN.test(path),
    add: (roles) => keycloak.roles.createComposite({ roleId: id }, roles),
    remove: (roles) => keycloak.roles.delCompositeRoles({ id }, roles),
  });
};

async function withPaths(
  keycloak: Parameters<typeof keepRoleSet>[0],
  roles: RoleRepresentation[],
): Promise<NamedRole[]> {
  const clients = new Map<string | undefined, string | undefined>();
  for (const { clientRole, containerId } of roles) {
    if (!clientRole || !containerId || clients.has(containerId)) continue;
    clients.set(containerId, (await keycloak.clients.findOne({ id: containerId }))?.clientId);
  }
  return roles.map((role) => ({
    ...role,
    path: role.clientRole ? `${clients.get(role.containerId)}/${role.name}` : role.name,
  })) as NamedRole[];
}
