import type KcAdminClient from '@keycloak/keycloak-admin-client';
import type RoleRepresentation from '@keycloak/keycloak-admin-client/lib/defs/roleRepresentation.js';

/** Roles as the declaration writes them. */
export interface RoleMappings {
  realmRoles?: string[];
  clientRoles?: Record<string, string[]>;
}

export type LiveRole = RoleRepresentation & { id: string; name: string };

/** With the name that differences use: `offline_access`, or `account/view-profile`. */
export type NamedRole = LiveRole & { path: string };

export function roleNames({ realmRoles = [], clientRoles = {} }: RoleMappings): string[] {
  const ofClients = Object.entries(clientRoles).flatMap(([client, roles]) =>
    roles.map((role) => `${client}/${role}`),
  );
  return [...realmRoles, ...ofClients];
}

/** @throws Error naming the role that the realm does not have */
export async function findRole(keycloak: KcAdminClient, path: string): Promise<NamedRole> {
  const [name = '', clientId] = path.split('/').reverse();
  const role = clientId
    ? await findClientRole(keycloak, clientId, name)
    : await keycloak.roles.findOneByName({ name });
  if (!role) throw new Error(`the realm has no role ${path}`);
  return { ...role, path } as NamedRole;
}

async function findClientRole(keycloak: KcAdminClient, clientId: string, roleName: string) {
  const [client] = await keycloak.clients.find({ clientId });
  return client?.id ? keycloak.clients.findRole({ id: client.id, roleName }) : null;
}

/** Roles of an answer that gives each client's roles by the client's name. */
export function rolesInMappings(mappings: {
  realmMappings?: RoleRepresentation[];
  clientMappings?: Record<string, { mappings: RoleRepresentation[] }>;
}): NamedRole[] {
  const ofClients = Object.entries(mappings.clientMappings ?? {}).flatMap(([client, { mappings: roles }]) =>
    roles.map((role) => ({ ...role, path: `${client}/${role.name}` })),
  );
  return [
    ...(mappings.realmMappings ?? []).map((role) => ({ ...role, path: `${role.name}` })),
    ...ofClients,
  ] as NamedRole[];
}
