import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sessions do not stay for ever (X3). */
export class SessionRetention1763700045000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // When it ended, or else when it ran out: LEAST leaves out what is NULL.
    await runner.query(
      'CREATE INDEX "AuthSession_over" ON identity."AuthSession" (LEAST(ended_at, expires_at))',
    );
    await runner.query(`
      COMMENT ON TABLE identity."AuthSession" IS
      'Kept for 30 days after its end, or after it ran out; one that Keycloak has not been told of stays. The worker
       deletes older ones, and ends those whose one-time code ran out unredeemed.'`);
    await runner.query('GRANT DELETE ON identity."AuthSession" TO nx_worker');
    // To find unredeemed codes, and to lock them against whoever is redeeming one (FOR UPDATE asks for UPDATE).
    await runner.query(
      'GRANT SELECT (session_id, used_at), UPDATE (used_at) ON identity."AuthorizationCode" TO nx_worker',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'REVOKE SELECT (session_id, used_at), UPDATE (used_at) ON identity."AuthorizationCode" FROM nx_worker',
    );
    await runner.query('REVOKE DELETE ON identity."AuthSession" FROM nx_worker');
    await runner.query('COMMENT ON TABLE identity."AuthSession" IS NULL');
    await runner.query('DROP INDEX identity."AuthSession_over"');
  }
}
