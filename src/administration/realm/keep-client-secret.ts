import type ClientRepresentation from '@keycloak/keycloak-admin-client/lib/defs/clientRepresentation.js';
import type { Repair } from './difference.js';
import type { Kept } from './keeper.js';

/**
 * A client's secret is set when the client is made, and afterwards only on demand: whoever changed a leaked secret
 * in the console must not have the leaked one put back by the next deployment. A difference is told each time.
 */
export async function* keepClientSecret(
  { keycloak, setSecrets }: Kept,
  path: string,
  id: string,
  { secret }: ClientRepresentation,
): AsyncGenerator<Repair> {
  if (!secret) return;
  const { value } = await keycloak.clients.getClientSecret({ id });
  if (value === secret) return;
  const differences = [{ path: `${path}.secret`, from: value, to: secret }];
  if (!setSecrets && value) yield { differences };
  else {
    const live = await keycloak.clients.findOne({ id });
    const { protocolMappers: _, ...rest } = live ?? {};
    yield { differences, apply: () => keycloak.clients.update({ id }, { ...rest, secret }) };
  }
}
