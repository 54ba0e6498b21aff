import type { Database } from '../database/database.js';
import type { KeycloakAccounts } from '../keycloak-gateway/index.js';

const BATCH = 50;

/**
 * Brings to Keycloak who was suspended here, and who is back. One at a time for a person, over all replicas: what the row
 * says last is what Keycloak hears last. Returns how many people.
 */
export function createRelayStandings(options: {
  database: Database;
  keycloak: Pick<KeycloakAccounts, 'setEnabled'>;
}): () => Promise<number> {
  const { database, keycloak } = options;

  const relay = (id: string): Promise<void> =>
    database.transaction(async (sql) => {
      const [person] = await sql.query<{ keycloak_id: string; enabled: boolean }>(
        `SELECT keycloak_id, status = 'ACTIVE' AS enabled FROM identity."User"
         WHERE id = $1 AND standing_due_at IS NOT NULL FOR NO KEY UPDATE SKIP LOCKED`,
        [id],
      );
      if (!person) return;
      await keycloak.setEnabled(person.keycloak_id, person.enabled);
      await sql.query('UPDATE identity."User" SET standing_due_at = NULL WHERE id = $1', [id]);
    });

  return async () => {
    const due = await database.query<{ id: string }>(
      `SELECT id FROM identity."User" WHERE standing_due_at IS NOT NULL LIMIT ${BATCH}`,
    );
    for (const { id } of due) await relay(id);
    return due.length;
  };
}
