import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people have agreed to (X2). */
export class Consents1763700164000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."Consent" (
        id text PRIMARY KEY,
        user_id text NOT NULL REFERENCES identity."User",
        purpose text NOT NULL,
        text_version text NOT NULL,
        channel text NOT NULL,
        client_id text NOT NULL,
        given_at timestamptz NOT NULL DEFAULT now(),
        withdrawn_at timestamptz
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX "Consent_standing" ON identity."Consent" (user_id, purpose, text_version)
      WHERE withdrawn_at IS NULL`);
    await runner.query('CREATE INDEX "Consent_user" ON identity."Consent" (user_id, given_at, id)');
    await runner.query(`
      COMMENT ON TABLE identity."Consent" IS
      'Kept for good, withdrawn or not: proof of what somebody agreed to and until when. From where is in the audit trail, sealed.'`);
    await runner.query('GRANT SELECT, INSERT, UPDATE (withdrawn_at) ON identity."Consent" TO nx_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."Consent"');
  }
}
