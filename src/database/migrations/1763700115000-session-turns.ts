import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One replica at a time asks Keycloak about a session (D4): until when its turn lasts. */
export class SessionTurns1763700115000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE identity."AuthSession" ADD COLUMN keycloak_asked_until timestamptz');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE identity."AuthSession" DROP COLUMN keycloak_asked_until');
  }
}
