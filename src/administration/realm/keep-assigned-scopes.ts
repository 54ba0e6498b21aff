import type KcAdminClient from '@keycloak/keycloak-admin-client';
import type ClientRepresentation from '@keycloak/keycloak-admin-client/lib/defs/clientRepresentation.js';
import { missing, type Repair, surplus } from './difference.js';

type Assigned = Pick<ClientRepresentation, 'defaultClientScopes' | 'optionalClientScopes'>;

/** Which client scopes a declared client has: exactly the declared ones, as one more puts more into its tokens. */
export async function* keepAssignedScopes(
  keycloak: KcAdminClient,
  path: string,
  live: Assigned & { id: string },
  declared: Assigned,
): AsyncGenerator<Repair> {
  for (const kind of ['defaultClientScopes', 'optionalClientScopes'] as const) {
    const wanted = declared[kind];
    if (!wanted) continue;
    const found = live[kind] ?? [];
    for (const name of found.filter((scope) => !wanted.includes(scope))) {
      yield {
        differences: [surplus(`${path}.${kind}.${name}`)],
        apply: async () => {
          const scope = { id: live.id, clientScopeId: await scopeId(keycloak, name) };
          if (kind === 'defaultClientScopes') await keycloak.clients.delDefaultClientScope(scope);
          else await keycloak.clients.delOptionalClientScope(scope);
        },
      };
    }
    for (const name of wanted.filter((scope) => !found.includes(scope))) {
      yield {
        differences: [missing(`${path}.${kind}.${name}`)],
        apply: async () => {
          const scope = { id: live.id, clientScopeId: await scopeId(keycloak, name) };
          // One that is optional now can't be added as default before it is taken away.
          if (kind === 'defaultClientScopes') {
            await keycloak.clients.delOptionalClientScope(scope);
            await keycloak.clients.addDefaultClientScope(scope);
          } else await keycloak.clients.addOptionalClientScope(scope);
        },
      };
    }
  }
}

async function scopeId(keycloak: KcAdminClient, name: string): Promise<string> {
  const scope = await keycloak.clientScopes.findOneByName({ name });
  if (!scope?.id) throw new Error(`the realm has no client scope ${name}`);
  return scope.id;
}
