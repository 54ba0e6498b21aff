import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Group roles without login; an operator grants them to the users that processes log in with:
 * nx_app to the server, nx_worker to the worker, nx_sister to the services that read the shared tables.
 * The schema's owner runs migrations and nothing else.
 */
export class Roles1763700000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const role of ['nx_app', 'nx_worker', 'nx_sister']) {
      await runner.query(`
        DO $$ BEGIN
          IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${role}') THEN
            CREATE ROLE ${role} NOLOGIN NOINHERIT;
          END IF;
        END $$`);
    }
    await runner.query('GRANT USAGE ON SCHEMA identity TO nx_app, nx_worker');
    await runner.query(`
      CREATE TABLE identity."WorkerLease" (
        worker_id integer PRIMARY KEY CHECK (worker_id BETWEEN 0 AND 1023),
        holder text NOT NULL,
        expires_at timestamptz NOT NULL
      )`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."WorkerLease" TO nx_app, nx_worker');
    await runner.query(`
      CREATE FUNCTION identity.lease_worker(p_holder text, p_first integer, p_last integer, p_seconds integer)
      RETURNS TABLE (worker_id integer, floor_ms bigint) LANGUAGE plpgsql AS $$
      DECLARE
        candidate integer;
        previous timestamptz;
      BEGIN
        RETURN QUERY UPDATE identity."WorkerLease" AS lease
          SET expires_at = now() + make_interval(secs => p_seconds)
          WHERE lease.holder = p_holder AND lease.expires_at > now() AND lease.worker_id BETWEEN p_first AND p_last
          RETURNING lease.worker_id, 0::bigint;
        IF FOUND THEN RETURN; END IF;
        FOR candidate IN p_first..p_last LOOP
          SELECT lease.expires_at INTO previous FROM identity."WorkerLease" AS lease WHERE lease.worker_id = candidate;
          INSERT INTO identity."WorkerLease" AS lease VALUES (candidate, p_holder, now() + make_interval(secs => p_seconds))
            ON CONFLICT ON CONSTRAINT "WorkerLease_pkey" DO UPDATE
            SET holder = excluded.holder, expires_at = excluded.expires_at WHERE lease.expires_at <= now();
          IF FOUND THEN
            RETURN QUERY SELECT candidate, coalesce(ceil(extract(epoch FROM previous) * 1000), 0)::bigint;
            RETURN;
          END IF;
        END LOOP;
      END $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.lease_worker');
    await runner.query('DROP TABLE identity."WorkerLease"');
  }
}
