import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A person whose other sessions have to end in Keycloak too, those that only Keycloak knows included. */
export class OthersLogout1763700092000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE identity."User" ADD COLUMN others_logout_due_at timestamptz');
    await runner.query(
      'CREATE INDEX "User_others_logout_due" ON identity."User" (id) WHERE others_logout_due_at IS NOT NULL',
    );
    await runner.query(
      'GRANT SELECT (others_logout_due_at), UPDATE (others_logout_due_at) ON identity."User" TO nx_worker',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE identity."User" DROP COLUMN others_logout_due_at');
  }
}
