import { findDifferences, overlay } from './compare.js';
import { missing } from './difference.js';
import { keepMappers } from './keep-mappers.js';
import type { Keeper } from './keeper.js';

/** The declared client scopes; those that Keycloak makes for every realm are left to it. */
export const keepClientScopes: Keeper = async function* ({ keycloak, declared }) {
  const scopes = await keycloak.clientScopes.find();
  for (const { protocolMappers, ...scope } of declared.clientScopes ?? []) {
    const path = `clientScopes.${scope.name}`;
    const live = scopes.find(({ name }) => name === scope.name);
    const id = live?.id;
    if (!id) {
      const whole = { ...scope, ...(protocolMappers ? { protocolMappers } : {}) };
      yield { differences: [missing(path)], apply: () => keycloak.clientScopes.create(whole) };
      continue;
    }
    const differences = findDifferences(path, scope, live);
    const { protocolMappers: liveMappers = [], ...rest } = live;
    if (differences.length > 0) {
      yield { differences, apply: () => keycloak.clientScopes.update({ id }, overlay(rest, scope)) };
    }
    yield* keepMappers(path, protocolMappers ?? [], liveMappers, {
      add: (mapper) => keycloak.clientScopes.addProtocolMapper({ id }, mapper),
      update: (mapperId, mapper) => keycloak.clientScopes.updateProtocolMapper({ id, mapperId }, mapper),
    });
  }
};
