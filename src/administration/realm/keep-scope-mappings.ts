import { keepRoleSet } from './keep-role-set.js';
import type { Keeper } from './keeper.js';
import { roleNames, rolesInMappings } from './role-names.js';

/**
 * Which roles may stand in tokens: of each declared client without full scope, and of each declared client scope,
 * exactly the declared ones. One more would hand an administrator's roles to an app.
 */
export const keepScopeMappings: Keeper = async function* ({ keycloak, declared }) {
  const rolesOf = (kind: 'client' | 'clientScope', name: string | undefined): string[] => {
    const mine = <T extends { client?: string; clientScope?: string }>(mapping: T) => mapping[kind] === name;
    return roleNames({
      realmRoles: (declared.scopeMappings ?? []).filter(mine).flatMap(({ roles }) => roles),
      clientRoles: Object.fromEntries(
        Object.entries(declared.clientScopeMappings ?? {}).map(([client, mappings]) => [
          client,
          mappings.filter(mine).flatMap(({ roles }) => roles),
        ]),
      ),
    });
  };
  for (const { clientId, fullScopeAllowed } of declared.clients ?? []) {
    const [live] = await keycloak.clients.find({ clientId: clientId ?? '' });
    const id = live?.id;
    if (!id || fullScopeAllowed !== false) continue;
    yield* keepRoleSet(keycloak, {
      path: `scopeMappings.${clientId}`,
      declared: rolesOf('client', clientId),
      live: rolesInMappings(await keycloak.clients.listScopeMappings({ id })),
      add: (roles, client) =>
        client
          ? keycloak.clients.addClientScopeMappings({ id, client }, roles)
          : keycloak.clients.addRealmScopeMappings({ id }, roles),
      remove: (roles, client) =>
        client
          ? keycloak.clients.delClientScopeMappings({ id, client }, roles)
          : keycloak.clients.delRealmScopeMappings({ id }, roles),
    });
  }
  for (const { name } of declared.clientScopes ?? []) {
    const id = (await keycloak.clientScopes.findOneByName({ name: name ?? '' }))?.id;
    if (!id) continue;
    yield* keepRoleSet(keycloak, {
      path: `scopeMappings.${name}`,
      declared: rolesOf('clientScope', name),
      live: rolesInMappings(await keycloak.clientScopes.listScopeMappings({ id })),
      add: (roles, client) =>
        client
          ? keycloak.clientScopes.addClientScopeMappings({ id, client }, roles)
          : keycloak.clientScopes.addRealmScopeMappings({ id }, roles),
      remove: (roles, client) =>
        client
          ? keycloak.clientScopes.delClientScopeMappings({ id, client }, roles)
          : keycloak.clientScopes.delRealmScopeMappings({ id }, roles),
    });
  }
};
