import type ClientRepresentation from '@keycloak/keycloak-admin-client/lib/defs/clientRepresentation.js';
import { findDifferences, overlay } from './compare.js';
import { missing, type Repair } from './difference.js';
import { keepAssignedScopes } from './keep-assigned-scopes.js';
import { keepClientSecret } from './keep-client-secret.js';
import { keepMappers } from './keep-mappers.js';
import type { Keeper, Kept } from './keeper.js';

/**
 * The declared clients. Their redirect URIs, origins and scopes are exactly the declared ones: a code goes wherever
 * a redirect URI says. An app of an administrator's own is a client of its own, which nothing here touches.
 */
export const keepClients: Keeper = async function* (kept) {
  for (const client of kept.declared.clients ?? []) {
    const [live] = await kept.keycloak.clients.find({ clientId: client.clientId ?? '' });
    if (live?.id) yield* keepClient(kept, client, { ...live, id: live.id });
    else {
      yield {
        differences: [missing(`clients.${client.clientId}`)],
        apply: () => kept.keycloak.clients.create(client),
      };
    }
  }
};

async function* keepClient(
  kept: Kept,
  declared: ClientRepresentation,
  live: ClientRepresentation & { id: string },
): AsyncGenerator<Repair> {
  const { keycloak } = kept;
  const { id } = live;
  const path = `clients.${declared.clientId}`;
  const {
    secret: _,
    protocolMappers = [],
    defaultClientScopes,
    optionalClientScopes,
    ...settings
  } = declared;
  // Sent back without the secret, Keycloak leaves it; without the mappers, these too.
  const { secret: __, protocolMappers: liveMappers = [], ...rest } = live;
  const differences = findDifferences(path, settings, live);
  if (differences.length > 0) {
    yield { differences, apply: () => keycloak.clients.update({ id }, overlay(rest, settings)) };
  }
  yield* keepMappers(path, protocolMappers, liveMappers, {
    add: (mapper) => keycloak.clients.addProtocolMapper({ id }, mapper),
    update: (mapperId, mapper) => keycloak.clients.updateProtocolMapper({ id, mapperId }, mapper),
  });
  yield* keepAssignedScopes(keycloak, path, live, {
    ...(defaultClientScopes ? { defaultClientScopes } : {}),
    ...(optionalClientScopes ? { optionalClientScopes } : {}),
  });
  yield* keepClientSecret(kept, path, id, declared);
}
