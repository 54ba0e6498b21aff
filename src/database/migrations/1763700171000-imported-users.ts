import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which lines of the operator's imports became whom, so that an import that was cut off goes on (S13). No hash is kept. */
export class ImportedUsers1763700171000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."ImportedUser" (
        line_digest text PRIMARY KEY,
        user_id text NOT NULL,
        keycloak_id text NOT NULL,
        begun_at timestamptz NOT NULL DEFAULT now(),
        done_at timestamptz
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."ImportedUser" IS
      'Kept for 30 days, so that the same line imports nobody twice; a line that was never finished stays.'`);
    await runner.query('CREATE INDEX "ImportedUser_done" ON identity."ImportedUser" (done_at)');
    await runner.query(
      'GRANT SELECT, INSERT, UPDATE (done_at), DELETE ON identity."ImportedUser" TO nx_app, nx_worker',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."ImportedUser"');
  }
}
