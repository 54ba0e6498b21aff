import type { Database } from '../../database/database.js';

export type IsRegisteredRedirect = (clientId: string, redirectUri: string) => Promise<boolean>;

/** Whether an active client has registered exactly this redirect URI: equal as text (RFC 9700 §2.1). */
export function createIsRegisteredRedirect(database: Database): IsRegisteredRedirect {
  return async (clientId, redirectUri) => {
    const found = await database.query(
      `SELECT FROM identity."Client" WHERE id = $1 AND status = 'ACTIVE' AND $2 = ANY (redirect_uris)`,
      [clientId, redirectUri],
    );
    return found.length > 0;
  };
}
