import type ProtocolMapperRepresentation from '@keycloak/keycloak-admin-client/lib/defs/protocolMapperRepresentation.js';
import { findDifferences, overlay } from './compare.js';
import { missing, type Repair } from './difference.js';

/** Protocol mappers by name. One that an administrator added says more in a token, and stays. */
export async function* keepMappers(
  path: string,
  declared: readonly ProtocolMapperRepresentation[],
  live: readonly ProtocolMapperRepresentation[],
  writes: {
    add(mapper: ProtocolMapperRepresentation): Promise<unknown>;
    update(mapperId: string, mapper: ProtocolMapperRepresentation): Promise<unknown>;
  },
): AsyncGenerator<Repair> {
  for (const mapper of declared) {
    const mapperPath = `${path}.protocolMappers.${mapper.name}`;
    const found = live.find(({ name }) => name === mapper.name);
    if (!found?.id) {
      yield { differences: [missing(mapperPath)], apply: () => writes.add(mapper) };
      continue;
    }
    const { id } = found;
    const { consentRequired: _, ...ours } = { consentRequired: undefined, ...mapper }; // Keycloak no longer keeps it
    const differences = findDifferences(mapperPath, ours, found);
    if (differences.length > 0) yield { differences, apply: () => writes.update(id, overlay(found, ours)) };
  }
}
