import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Services that call us (P5), what they prove themselves by, and which calls they may make. They belong to the
 * platform, not to a tenant. Their roles are rows of PolicyDefinition (D6) whose subject is `Service`.
 */
export class Services1763700040000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."Service" (
        id text PRIMARY KEY,
        name text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9-]{0,62}$'),
        description text,
        status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        default_audience_id text REFERENCES identity."Service",
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now()
      )`);
    // Two slots, so two secrets at once and no third: a refusal costs two hashes whatever there is to compare with.
    // One set of parameters, so that no stored hash takes longer than the one computed for an unknown name.
    await runner.query(`
      CREATE TABLE identity."ServiceCredential" (
        id text PRIMARY KEY,
        service_id text NOT NULL REFERENCES identity."Service",
        slot smallint NOT NULL DEFAULT 1 CHECK (slot IN (1, 2)),
        secret_hash text NOT NULL CHECK (secret_hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%'),
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz
      )`);
    await runner.query(`
      CREATE UNIQUE INDEX "ServiceCredential_slot" ON identity."ServiceCredential" (service_id, slot)
      WHERE revoked_at IS NULL`);
    await runner.query(`
      CREATE TABLE identity."ServiceGrant" (
        id text PRIMARY KEY,
        service_id text NOT NULL REFERENCES identity."Service",
        call text NOT NULL CHECK (call ~ '^[a-z][a-z0-9-]*([.][a-z][a-z0-9-]*)*$'),
        merchant_id text REFERENCES identity."Merchant",
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE NULLS NOT DISTINCT (service_id, call, merchant_id)
      )`);
    await runner.query(
      'GRANT SELECT ON identity."Service", identity."ServiceCredential", identity."ServiceGrant" TO nx_app',
    );
    await runner.query('GRANT UPDATE (last_used_at) ON identity."ServiceCredential" TO nx_app');
    await runner.query(SERVICE_ROLES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.service_roles');
    await runner.query(
      'DROP TABLE identity."ServiceGrant", identity."ServiceCredential", identity."Service"',
    );
  }
}

/** The roles of a service as a token carries them, inherited ones included; like a user's, the 51st says "more". */
const SERVICE_ROLES = `
  CREATE FUNCTION identity.service_roles(p_service_id text) RETURNS jsonb LANGUAGE sql STABLE AS $$
  WITH RECURSIVE assignment AS (
    SELECT target_id AS role_id FROM public."PolicyDefinition"
    WHERE variant IN ('assign_role', 'group') AND subject_type = 'Service' AND subject_id = p_service_id
      AND target_type = 'Role'
    UNION
    SELECT inherited.target_id
    FROM assignment JOIN public."PolicyDefinition" AS inherited
      ON inherited.variant = 'role_inherits' AND inherited.subject_type = 'Role'
      AND inherited.subject_id = assignment.role_id AND inherited.target_type = 'Role'
  ), held AS (
    SELECT role.id, role.identifier, role.priority
    FROM assignment JOIN identity."Role" AS role ON role.id = assignment.role_id AND role.status = 'ACTIVE'
    ORDER BY priority DESC, identifier LIMIT 51
  )
  SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'identifier', identifier, 'priority', priority)
    ORDER BY priority DESC, identifier), '[]') FROM held
  $$`;
