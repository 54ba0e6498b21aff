import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Tables that belong to a tenant: row-level security shows one tenant's rows in a transaction (D12). */
const TENANT_TABLES = ['Organizer', 'Merchant', 'Member'];

export class People1763700002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."User" (
        id text PRIMARY KEY,
        keycloak_id text NOT NULL UNIQUE,
        type text NOT NULL DEFAULT 'person',
        status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        username text NOT NULL,
        display_name text NOT NULL,
        email text,
        email_verified boolean NOT NULL DEFAULT false,
        phone text,
        phone_verified boolean NOT NULL DEFAULT false,
        activated_at timestamptz NOT NULL DEFAULT now(),
        last_login_at timestamptz,
        logout_due_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE identity."Role" (
        id text PRIMARY KEY,
        identifier text NOT NULL UNIQUE CHECK (identifier ~ '^[0-9]{3}_[a-z0-9-]+$'),
        name text NOT NULL,
        description text,
        priority integer NOT NULL CHECK (priority BETWEEN 0 AND 999),
        status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE identity."Permission" (
        id text PRIMARY KEY,
        code text NOT NULL UNIQUE,
        name text NOT NULL,
        subject text NOT NULL,
        action text NOT NULL,
        scope text,
        parent_id text REFERENCES identity."Permission",
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`
      CREATE TABLE identity."Organizer" (
        id text PRIMARY KEY,
        tenant_id text NOT NULL,
        name text NOT NULL,
        status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (tenant_id, id)
      )`);
    // The composite foreign keys keep a row and what it belongs to inside one tenant.
    await runner.query(`
      CREATE TABLE identity."Merchant" (
        id text PRIMARY KEY,
        tenant_id text NOT NULL,
        organizer_id text NOT NULL,
        name text NOT NULL,
        status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now(),
        FOREIGN KEY (tenant_id, organizer_id) REFERENCES identity."Organizer" (tenant_id, id)
      )`);
    await runner.query('CREATE INDEX "Merchant_organizer" ON identity."Merchant" (tenant_id, organizer_id)');
    await runner.query(`
      CREATE TABLE identity."Member" (
        id text PRIMARY KEY,
        tenant_id text NOT NULL,
        organizer_id text NOT NULL,
        user_id text NOT NULL REFERENCES identity."User",
        status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (organizer_id, user_id),
        FOREIGN KEY (tenant_id, organizer_id) REFERENCES identity."Organizer" (tenant_id, id)
      )`);
    await runner.query('CREATE INDEX "Member_user" ON identity."Member" (user_id)');
    for (const table of TENANT_TABLES) {
      await runner.query(
        `ALTER TABLE identity."${table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      );
      await runner.query(`
        CREATE POLICY tenant ON identity."${table}"
        USING (tenant_id = current_setting('app.tenant_id', true))
        WITH CHECK (tenant_id = current_setting('app.tenant_id', true))`);
      await runner.query(`GRANT SELECT, INSERT, UPDATE ON identity."${table}" TO nx_app`);
    }
    await runner.query(
      'CREATE INDEX "User_logout_due" ON identity."User" (logout_due_at) WHERE logout_due_at IS NOT NULL',
    );
    await runner.query(`
      CREATE TABLE identity."Client" (
        id text PRIMARY KEY,
        name text NOT NULL,
        merchant_id text REFERENCES identity."Merchant",
        status text NOT NULL DEFAULT 'ACTIVE' CHECK (status IN ('ACTIVE', 'SUSPENDED')),
        created_at timestamptz NOT NULL DEFAULT now(),
        modified_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(
      `INSERT INTO identity."Client" (id, name) VALUES ('nx-api', 'Callers that name no client')`,
    );
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."User" TO nx_app');
    await runner.query(
      'GRANT SELECT (id, keycloak_id, logout_due_at), UPDATE (logout_due_at) ON identity."User" TO nx_worker',
    );
    await runner.query('GRANT SELECT ON identity."Role", identity."Permission", identity."Client" TO nx_app');
    await runner.query(`
      INSERT INTO identity."Role" (id, identifier, name, description, priority) VALUES
        ('1', '900_admin', 'Platform administrator', 'Administers the platform', 900),
        ('2', '500_owner', 'Owner', 'Administers one organizer', 500),
        ('3', '010_user', 'User', 'Given to everybody at the first sign-in', 10)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."Client"');
    await runner.query('DROP TABLE identity."Member", identity."Merchant", identity."Organizer"');
    await runner.query('DROP TABLE identity."Permission", identity."Role", identity."User"');
  }
}
