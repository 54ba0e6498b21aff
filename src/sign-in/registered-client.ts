import type { Database } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { signInErrors } from './errors.js';

/** The client that stands for callers that name none (contract §1). */
export const DEFAULT_CLIENT = 'nx-api';

export interface Client {
  id: string;
  /** Whose sender, texts and policy; null: the platform's. */
  merchantId: string | null;
}

export type RegisteredClient = (clientId: string | undefined) => Promise<Client>;

/** @throws Problem `sign_in.unknown_client` (422) */
export function createRegisteredClient(database: Database): RegisteredClient {
  return async (clientId = DEFAULT_CLIENT) => {
    if (clientId === DEFAULT_CLIENT) return { id: clientId, merchantId: null };
    const [client] = await database.query<Client>(
      `SELECT id, merchant_id AS "merchantId" FROM identity."Client" WHERE id = $1 AND status = 'ACTIVE'`,
      [clientId],
    );
    if (!client) throw new Problem(signInErrors.unknown_client);
    return client;
  };
}
