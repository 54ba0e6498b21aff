import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The state of each key that signs access tokens (T5), which replica holds which, and who verifies by which. */
export class SigningKeys1763700130000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await this.keys(runner);
    await runner.query(`
      CREATE TABLE identity."Replica" (
        id text PRIMARY KEY,
        name text NOT NULL,
        kids text[] NOT NULL,
        started_at timestamptz NOT NULL DEFAULT now(),
        seen_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."Replica" IS
      'A server that lives: it renews seen_at every few seconds and deletes its row when it stops. The worker deletes rows of an hour ago.'`);
    await runner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON identity."Replica" TO nx_app');
    await runner.query('GRANT SELECT, DELETE ON identity."Replica" TO nx_worker');
    await runner.query(`
      CREATE TABLE identity."KeyConsumer" (
        service text NOT NULL,
        instance text NOT NULL,
        kids text[] NOT NULL CHECK (cardinality(kids) <= 20),
        seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (service, instance)
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."KeyConsumer" IS
      'Who verifies our tokens, and by which keys, as they said last. The worker deletes rows of a week ago.'`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."KeyConsumer" TO nx_app');
    await runner.query('GRANT SELECT, DELETE ON identity."KeyConsumer" TO nx_worker');
  }

  private async keys(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."SigningKey" (
        kid text PRIMARY KEY CHECK (kid ~ '^[A-Za-z0-9_-]{43}$'),
        alg text NOT NULL CHECK (alg IN ('ES256', 'RS256')),
        public_jwk jsonb NOT NULL CHECK (NOT public_jwk ? 'd'),
        state text NOT NULL CHECK (state IN ('next', 'current', 'previous', 'retired')),
        activation text NOT NULL DEFAULT 'after_lead'
          CHECK (activation IN ('after_lead', 'after_consumers', 'at_once')),
        created_at timestamptz NOT NULL DEFAULT now(),
        published_at timestamptz,
        activated_at timestamptz,
        superseded_at timestamptz,
        last_token_expires_by timestamptz,
        retired_at timestamptz,
        revoked_at timestamptz,
        CHECK (state NOT IN ('current', 'previous') OR activated_at IS NOT NULL),
        CHECK (state <> 'previous' OR (superseded_at IS NOT NULL AND last_token_expires_by IS NOT NULL)),
        CHECK ((state = 'retired') = (retired_at IS NOT NULL)),
        CHECK (revoked_at IS NULL OR state = 'retired')
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX "SigningKey_next" ON identity."SigningKey" (state) WHERE state = 'next'`,
    );
    await runner.query(
      `CREATE UNIQUE INDEX "SigningKey_current" ON identity."SigningKey" (state) WHERE state = 'current'`,
    );
    await runner.query(`
      COMMENT ON TABLE identity."SigningKey" IS
      'A row for each key that ever was one of ours; the private part is a file. Rows stay for ever, or the file of a retired key would be taken for a new one.'`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."SigningKey" TO nx_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."SigningKey", identity."Replica", identity."KeyConsumer"');
  }
}
