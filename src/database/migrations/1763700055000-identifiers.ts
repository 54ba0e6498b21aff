import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who has proven which e-mail or phone number: one person each, which Keycloak does not keep for phone numbers (D3). */
export class Identifiers1763700055000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."Identifier" (
        scheme text NOT NULL CHECK (scheme IN ('email', 'phone')),
        value text NOT NULL,
        user_id text NOT NULL REFERENCES identity."User",
        proven_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (scheme, value)
      )`);
    await runner.query('CREATE INDEX "Identifier_user" ON identity."Identifier" (user_id)');
    // Of two people with one number, the one seen last holds it; the other is not asked for it any more.
    await runner.query(`
      INSERT INTO identity."Identifier" (scheme, value, user_id, proven_at)
      SELECT DISTINCT ON (scheme, value) scheme, value, user_id, seen FROM (
        SELECT 'email' AS scheme, email AS value, id AS user_id, coalesce(last_login_at, created_at) AS seen
        FROM identity."User" WHERE email_verified AND email IS NOT NULL
        UNION ALL
        SELECT 'phone', phone, id, coalesce(last_login_at, created_at)
        FROM identity."User" WHERE phone_verified AND phone IS NOT NULL
      ) AS proven ORDER BY scheme, value, seen DESC`);
    await runner.query('GRANT SELECT, INSERT, DELETE ON identity."Identifier" TO nx_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."Identifier"');
  }
}
