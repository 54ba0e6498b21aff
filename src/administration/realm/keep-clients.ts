import type ClientRepresentation from '@keycloak/keycloak-admin-client/lib/defs/clientRepresentation.js';
import { findDifferences, overlay } from './compare.js';
import { missing, type Repair } from './difference.js';
import { keepAssignedScopes } from './keep-assigned-scopes.js';
import { keepClientSecret } from './keep-client-secret.js';
import { keepMappers } from './keep-mappers.js';
import { applyAll, type Keeper, type Kept } from './keeper.js';

/**
 * The declared clients. Their redirect URIs, origins and scopes are exactly the declared ones: a code goes wherever
 * a redirect URI says. An app of an administrator's own is a client of its own, which nothing here touches.
 */
export const keepClients: Keeper = async function* (kept) {
  for (const client of kept.declared.clients ?? []) {
    const live = await findClient(kept, client);
    if (live) yield* keepClient(kept, client, live);
    else {
      yield {
        differences: [missing(`clients.${client.clientId}`)],
        apply: async () => {
          await kept.keycloak.clients.create(client);
          const made = await findClient(kept, client);
          if (made) await applyAll(keepClient(kept, client, made));
        },
      };
    }
  }
};

type LiveClient = ClientRepresentation & { id: string };

async function findClient({ keycloak }: Kept, { clientId = '' }: ClientRepresentation) {
  const [live] = await keycloak.clients.find({ clientId });
  return live?.id ? (live as LiveClient) : undefined;
}

async function* keepClient(
  kept: Kept,
  declared: ClientRepresentation,
  live: LiveClient,
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
  yield* keepClientSecret(kept, path, id, declared);
  yield* keepMappers(path, protocolMappers, liveMappers, {
    add: (mapper) => keycloak.clients.addProtocolMapper({ id }, mapper),
    update: (mapperId, mapper) => keycloak.clients.updateProtocolMapper({ id, mapperId }, mapper),
  });
  // Looked at anew: every update gives a service account the scope `service_account`, declared or not.
  yield* keepAssignedScopes(keycloak, path, (await findClient(kept, declared)) ?? live, {
    ...(defaultClientScopes ? { defaultClientScopes } : {}),
    ...(optionalClientScopes ? { optionalClientScopes } : {}),
  });
}
