import { keepRoleSet } from './keep-role-set.js';
import type { Keeper } from './keeper.js';
import { roleNames, rolesInMappings } from './role-names.js';

/** What our own service accounts may do: exactly what is declared, no more (least privilege), no less. */
export const keepServiceAccounts: Keeper = async function* ({ keycloak, declared }) {
  for (const account of declared.users ?? []) {
    const clientId = account.serviceAccountClientId ?? '';
    const [client] = await keycloak.clients.find({ clientId });
    if (!client?.id || !client.serviceAccountsEnabled) continue;
    const { id } = await keycloak.clients.getServiceAccountUser({ id: client.id });
    if (!id) continue;
    const mapped = (roles: { id: string; name: string }[]) =>
      roles.map((role) => ({ id: role.id, name: role.name }));
    yield* keepRoleSet(keycloak, {
      path: `serviceAccounts.${clientId}`,
      declared: roleNames(account),
      live: rolesInMappings(await keycloak.users.listRoleMappings({ id })),
      add: (roles, clientUniqueId) =>
        clientUniqueId
          ? keycloak.users.addClientRoleMappings({ id, clientUniqueId, roles: mapped(roles) })
          : keycloak.users.addRealmRoleMappings({ id, roles: mapped(roles) }),
      remove: (roles, clientUniqueId) =>
        clientUniqueId
          ? keycloak.users.delClientRoleMappings({ id, clientUniqueId, roles: mapped(roles) })
          : keycloak.users.delRealmRoleMappings({ id, roles: mapped(roles) }),
    });
  }
};
