import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row per Keycloak session that our tokens stand on (D4). Times are the database's own. */
export class Sessions1763700004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."AuthSession" (
        id text PRIMARY KEY,
        keycloak_sid text NOT NULL UNIQUE,
        user_id text NOT NULL REFERENCES identity."User",
        client_id text NOT NULL REFERENCES identity."Client",
        origin text NOT NULL CHECK (origin IN ('sign_in', 'exchange')),
        address text,
        agent text,
        amr text[] NOT NULL,
        acr text,
        auth_time timestamptz NOT NULL,
        keycloak_refresh_token text,
        keycloak_checked_at timestamptz NOT NULL DEFAULT now(),
        refresh_generation integer NOT NULL DEFAULT 0,
        refreshed_at timestamptz NOT NULL DEFAULT now(),
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        ended_at timestamptz,
        end_reason text,
        keycloak_ended_at timestamptz,
        CHECK ((ended_at IS NULL) = (end_reason IS NULL))
      )`);
    await runner.query(
      'CREATE INDEX "AuthSession_user" ON identity."AuthSession" (user_id) WHERE ended_at IS NULL',
    );
    await runner.query(`
      CREATE INDEX "AuthSession_keycloak_to_end" ON identity."AuthSession" (ended_at)
      WHERE ended_at IS NOT NULL AND keycloak_ended_at IS NULL`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."AuthSession" TO nx_app, nx_worker');
    await runner.query('GRANT SELECT ON identity."Migration" TO nx_app, nx_worker');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."AuthSession"');
  }
}
