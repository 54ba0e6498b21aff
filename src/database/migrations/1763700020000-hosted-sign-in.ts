import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What sign-in on Keycloak's pages needs: registered redirect URIs, one-time codes, and a memory of what is spent. */
export class HostedSignIn1763700020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE identity."Client" ADD COLUMN redirect_uris text[] NOT NULL DEFAULT '{}'`);

    // Apps that share a browser share Keycloak's session: each has a row, hence a refresh family, of its own.
    await runner.query('ALTER TABLE identity."AuthSession" DROP CONSTRAINT "AuthSession_keycloak_sid_key"');
    await runner.query('CREATE INDEX "AuthSession_keycloak_sid" ON identity."AuthSession" (keycloak_sid)');
    await runner.query(`
      CREATE UNIQUE INDEX "AuthSession_exchanged_sid" ON identity."AuthSession" (keycloak_sid)
      WHERE origin = 'exchange'`);

    await runner.query(`
      CREATE TABLE identity."AuthorizationCode" (
        code_hash text PRIMARY KEY,
        client_id text NOT NULL REFERENCES identity."Client",
        redirect_uri text NOT NULL,
        code_challenge text NOT NULL,
        session_id text NOT NULL REFERENCES identity."AuthSession",
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      )`);
    await runner.query(
      'CREATE INDEX "AuthorizationCode_expires" ON identity."AuthorizationCode" (expires_at)',
    );
    await runner.query(`
      COMMENT ON TABLE identity."AuthorizationCode" IS
      'Good for a minute; kept an hour longer, so that a second use is known. The worker deletes older ones.'`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."AuthorizationCode" TO nx_app');

    await runner.query(`
      CREATE TABLE identity."Spent" (
        kind text NOT NULL,
        value text NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (kind, value)
      )`);
    await runner.query('CREATE INDEX "Spent_expires" ON identity."Spent" (expires_at)');
    await runner.query(`
      COMMENT ON TABLE identity."Spent" IS
      'Ids that work once, kept until what carried them has expired. The worker deletes older ones.'`);
    await runner.query('GRANT SELECT, INSERT ON identity."Spent" TO nx_app');
    await runner.query(
      'GRANT SELECT (expires_at), DELETE ON identity."AuthorizationCode", identity."Spent" TO nx_worker',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."Spent", identity."AuthorizationCode"');
    await runner.query(
      'DROP INDEX identity."AuthSession_exchanged_sid", identity."AuthSession_keycloak_sid"',
    );
    await runner.query(
      'ALTER TABLE identity."AuthSession" ADD CONSTRAINT "AuthSession_keycloak_sid_key" UNIQUE (keycloak_sid)',
    );
    await runner.query('ALTER TABLE identity."Client" DROP COLUMN redirect_uris');
  }
}
