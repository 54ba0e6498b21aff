import type KcAdminClient from '@keycloak/keycloak-admin-client';
import type ClientRepresentation from '@keycloak/keycloak-admin-client/lib/defs/clientRepresentation.js';
import { missing, type Repair, surplus } from './difference.js';

type Assigned = Pick<ClientRepresentation, 'defaultClientScopes' | 'optionalClientScopes'>;

const KINDS = ['defaultClientScopes', 'optionalClientScopes'] as const;

/**
 * Which client scopes a declared client has: exactly the declared ones, as one more puts more into its tokens.
 * Removals come first: Keycloak takes a scope away whichever list it is removed from, and ignores one added twice.
 */
export async function* keepAssignedScopes(
  keycloak: KcAdminClient,
  path: string,
  live: Assigned & { id: string },
  declared: Assigned,
): AsyncGenerator<Repair> {
  const { clients } = keycloak;
  const scope = async (name: string) => ({ id: live.id, clientScopeId: await scopeId(keycloak, name) });
  for (const kind of KINDS) {
    const wanted = declared[kind];
    for (const name of (live[kind] ?? []).filter((found) => wanted && !wanted.includes(found))) {
      const apply = async () =>
        kind === 'defaultClientScopes'
          ? clients.delDefaultClientScope(await scope(name))
          : clients.delOptionalClientScope(await scope(name));
      yield { differences: [surplus(`${path}.${kind}.${name}`)], apply };
    }
  }
  for (const kind of KINDS) {
    for (const name of (declared[kind] ?? []).filter((wanted) => !live[kind]?.includes(wanted))) {
      const apply = async () =>
        kind === 'defaultClientScopes'
          ? clients.addDefaultClientScope(await scope(name))
          : clients.addOptionalClientScope(await scope(name));
      yield { differences: [missing(`${path}.${kind}.${name}`)], apply };
    }
  }
}

async function scopeId(keycloak: KcAdminClient, name: string): Promise<string> {
  const scope = await keycloak.clientScopes.findOneByName({ name });
  if (!scope?.id) throw new Error(`the realm has no client scope ${name}`);
  return scope.id;
}
