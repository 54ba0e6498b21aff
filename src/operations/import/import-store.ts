import type { Sql } from '../../database/database.js';
import type { Profile } from '../../people/index.js';

/** A line that is under way or done: whom it became. */
export interface ImportedUser {
  userId: string;
  keycloakId: string;
  done: boolean;
}

/** By the digest of a line, so that the same file once more, or another with some of its lines, goes on where it was. */
export const importStore = {
  async find(sql: Sql, digest: string): Promise<ImportedUser | undefined> {
    const [found] = await sql.query<ImportedUser>(
      `SELECT user_id AS "userId", keycloak_id AS "keycloakId", done_at IS NOT NULL AS done
       FROM identity."ImportedUser" WHERE line_digest = $1`,
      [digest],
    );
    return found;
  },

  /** Which of these somebody has proven: `email`, `phone`. */
  async taken(sql: Sql, { email, emailVerified, phone, phoneVerified }: Profile): Promise<string[]> {
    const rows = await sql.query<{ scheme: string }>(
      `SELECT scheme FROM identity."Identifier"
       WHERE (scheme = 'email' AND value = $1) OR (scheme = 'phone' AND value = $2) ORDER BY scheme`,
      [emailVerified ? email : null, phoneVerified ? phone : null],
    );
    return rows.map(({ scheme }) => scheme);
  },

  begin: (sql: Sql, digest: string, { userId, keycloakId }: Omit<ImportedUser, 'done'>) =>
    sql.query('INSERT INTO identity."ImportedUser" (line_digest, user_id, keycloak_id) VALUES ($1, $2, $3)', [
      digest,
      userId,
      keycloakId,
    ]),

  finish: (sql: Sql, digest: string) =>
    sql.query('UPDATE identity."ImportedUser" SET done_at = now() WHERE line_digest = $1', [digest]),

  forget: (sql: Sql, digest: string) =>
    sql.query('DELETE FROM identity."ImportedUser" WHERE line_digest = $1', [digest]),
};

export type ImportStore = typeof importStore;
