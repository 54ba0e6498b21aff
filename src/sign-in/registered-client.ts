import type { Database } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { signInErrors } from './errors.js';

/** The client that stands for callers that name none (contract §1). */
const DEFAULT_CLIENT = 'nx-api';

export type RegisteredClient = (clientId: string | undefined) => Promise<string>;

/** The registered client's id. @throws Problem `sign_in.unknown_client` (422) */
export function createRegisteredClient(database: Database): RegisteredClient {
  return async (clientId = DEFAULT_CLIENT) => {
    if (clientId === DEFAULT_CLIENT) return clientId;
    const [client] = await database.query(
      `SELECT FROM identity."Client" WHERE id = $1 AND status = 'ACTIVE'`,
      [clientId],
    );
    if (!client) throw new Problem(signInErrors.unknown_client);
    return clientId;
  };
}
