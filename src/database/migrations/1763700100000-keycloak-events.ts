import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What happens in Keycloak, taken at least once and acted on by whichever replica is first (D5). */
export class KeycloakEvents1763700100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."KeycloakEvent" (
        id text PRIMARY KEY,
        type text NOT NULL,
        keycloak_user_id text,
        keycloak_sid text,
        path text,
        actor_id text,
        occurred_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now(),
        due_at timestamptz NOT NULL DEFAULT now(),
        tries integer NOT NULL DEFAULT 0,
        error_class text,
        handled_at timestamptz
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."KeycloakEvent" IS
      'Ids only. The worker deletes a row a day after it was handled; the same event brought later changes nothing more.'`);
    await runner.query(
      'CREATE INDEX "KeycloakEvent_due" ON identity."KeycloakEvent" (due_at) WHERE handled_at IS NULL',
    );
    await runner.query(
      'CREATE INDEX "KeycloakEvent_handled" ON identity."KeycloakEvent" (handled_at) WHERE handled_at IS NOT NULL',
    );
    await runner.query(`
      CREATE TABLE identity."KeycloakEventCursor" (
        name text PRIMARY KEY,
        read_until timestamptz NOT NULL,
        leased_until timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."KeycloakEventCursor" IS
      'How far Keycloak''s stored events were read again, by Keycloak''s clock, and until when one worker reads. One row a realm; it stays.'`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."KeycloakEvent" TO nx_app');
    await runner.query('GRANT SELECT, INSERT, DELETE ON identity."KeycloakEvent" TO nx_worker');
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."KeycloakEventCursor" TO nx_worker');
    // DISABLED and DELETED are Keycloak's word, SUSPENDED the platform's own.
    await runner.query(`
      ALTER TABLE identity."User" DROP CONSTRAINT "User_status_check",
        ADD CONSTRAINT "User_status_check" CHECK (status IN ('ACTIVE', 'SUSPENDED', 'DISABLED', 'DELETED'))`);
    await runner.query(`
      CREATE INDEX "PolicyDefinition_keycloak" ON public."PolicyDefinition" (subject_id)
      WHERE origin = 'keycloak'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX public."PolicyDefinition_keycloak"');
    await runner.query(
      `UPDATE identity."User" SET status = 'SUSPENDED' WHERE status IN ('DISABLED', 'DELETED')`,
    );
    await runner.query(`
      ALTER TABLE identity."User" DROP CONSTRAINT "User_status_check",
        ADD CONSTRAINT "User_status_check" CHECK (status IN ('ACTIVE', 'SUSPENDED'))`);
    await runner.query('DROP TABLE identity."KeycloakEventCursor", identity."KeycloakEvent"');
  }
}
