import type { Sql } from '../../database/database.js';
import type { ProvenIdentifier } from '../../keycloak-gateway/index.js';

/** One attempt at an account. `pending` until its own code; `proven` until Keycloak knows of it; the rest is over. */
export interface SignUp {
  id: string;
  identifier: ProvenIdentifier;
  keycloakUsername: string;
  keycloakId: string | null;
  displayName: string;
  wishedUsername: string | null;
}

export type ProvenSignUp = SignUp & { keycloakId: string };

const ROW = `id, jsonb_build_object('scheme', scheme, 'value', value) AS identifier,
  keycloak_username AS "keycloakUsername", keycloak_id AS "keycloakId", display_name AS "displayName",
  wished_username AS "wishedUsername"`;

/** An unproven attempt is over after a day; a proven one is finished by a worker if its request died. */
const LEFT_ALONE_S = 30;

export const signUpStore = {
  /** Before Keycloak is written: whatever happens then, the worker knows what to look for. */
  begin: (
    sql: Sql,
    { id, identifier, keycloakUsername, displayName, wishedUsername }: Omit<SignUp, 'keycloakId'>,
  ) =>
    sql.query(
      `INSERT INTO identity."SignUp" (id, scheme, value, keycloak_username, display_name, wished_username)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, identifier.scheme, identifier.value, keycloakUsername, displayName, wishedUsername],
    ),

  /** `state`: `dead` for an attempt at an identifier that somebody has already; it took the same steps all the same. */
  hasUser: (sql: Sql, id: string, keycloakId: string, state: 'pending' | 'dead') =>
    sql.query('UPDATE identity."SignUp" SET keycloak_id = $2, state = $3, state_at = now() WHERE id = $1', [
      id,
      keycloakId,
      state,
    ]),

  giveUp: (sql: Sql, id: string) =>
    sql.query(`UPDATE identity."SignUp" SET state = 'dead', state_at = now() WHERE id = $1`, [id]),

  /** The attempt whose code was right, once; its rivals are over. */
  async prove(sql: Sql, id: string): Promise<ProvenSignUp | undefined> {
    const [proven] = await sql.query<ProvenSignUp>(
      `UPDATE identity."SignUp" SET state = 'proven', state_at = now()
       WHERE id = $1 AND state = 'pending' AND keycloak_id IS NOT NULL RETURNING ${ROW}`,
      [id],
    );
    if (proven) {
      await sql.query(
        `UPDATE identity."SignUp" SET state = 'dead', state_at = now()
         WHERE scheme = $1 AND value = $2 AND state = 'pending'`,
        [proven.identifier.scheme, proven.identifier.value],
      );
    }
    return proven;
  },

  finish: (sql: Sql, id: string) =>
    sql.query(`UPDATE identity."SignUp" SET state = 'done', state_at = now() WHERE id = $1`, [id]),

  /** Proven ones whose request did not get to the end. */
  unfinished: (sql: Sql) =>
    sql.query<ProvenSignUp>(
      `SELECT ${ROW} FROM identity."SignUp"
       WHERE state = 'proven' AND state_at < now() - make_interval(secs => $1) ORDER BY state_at LIMIT 50`,
      [LEFT_ALONE_S],
    ),

  /** Those whose Keycloak user has to go. A request of this moment may still be making the user of a dead attempt. */
  abandoned: (sql: Sql) =>
    sql.query<SignUp>(
      `SELECT ${ROW} FROM identity."SignUp"
       WHERE state = 'dead' AND state_at < now() - make_interval(secs => $1)
         OR state = 'pending' AND created_at < now() - interval '24 hours'
       ORDER BY created_at LIMIT 50`,
      [LEFT_ALONE_S],
    ),

  forget: (sql: Sql, id: string) => sql.query('DELETE FROM identity."SignUp" WHERE id = $1', [id]),

  forgetDone: (sql: Sql) =>
    sql.query(
      `DELETE FROM identity."SignUp" WHERE state = 'done' AND state_at < now() - interval '24 hours'`,
    ),
};

export type SignUpStore = typeof signUpStore;
