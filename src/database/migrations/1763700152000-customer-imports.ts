import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Imports of customers: how far each has come, which lines were not taken, and when all of it is forgotten (X3). */
export class CustomerImports1763700152000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(IMPORT);
    await runner.query(FAILURE);
    for (const table of ['CustomerImport', 'CustomerImportFailure']) {
      await runner.query(
        `ALTER TABLE identity."${table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      );
      await runner.query(`
        CREATE POLICY tenant ON identity."${table}" TO nx_app
        USING (tenant_id = current_setting('app.tenant_id', true))
        WITH CHECK (tenant_id = current_setting('app.tenant_id', true))`);
      await runner.query(
        `CREATE POLICY keeper ON identity."${table}" TO CURRENT_USER USING (true) WITH CHECK (true)`,
      );
    }
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."CustomerImport" TO nx_app');
    await runner.query('GRANT SELECT, INSERT ON identity."CustomerImportFailure" TO nx_app');
    await runner.query(IMPORT_MERCHANT);
    await runner.query(FORGET);
    await runner.query(
      'REVOKE ALL ON FUNCTION identity.customer_import_merchant, identity.forget_customers FROM PUBLIC',
    );
    await runner.query('GRANT EXECUTE ON FUNCTION identity.customer_import_merchant TO nx_app');
    await runner.query('GRANT EXECUTE ON FUNCTION identity.forget_customers TO nx_worker');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.forget_customers, identity.customer_import_merchant');
    await runner.query('DROP TABLE identity."CustomerImportFailure", identity."CustomerImport"');
  }
}

/** `digest` chains over all lines that were read, so that another file is not taken for the rest of this one. */
const IMPORT = `
  CREATE TABLE identity."CustomerImport" (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    merchant_id text NOT NULL,
    caller text NOT NULL,
    key text,
    status text NOT NULL DEFAULT 'RUNNING' CHECK (status IN ('RUNNING', 'FINISHED')),
    lines_read integer NOT NULL DEFAULT 0,
    created integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    digest text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES identity."Merchant" (tenant_id, id),
    UNIQUE (tenant_id, caller, key)
  );
  CREATE INDEX "CustomerImport_latest" ON identity."CustomerImport" (merchant_id, started_at);
  CREATE INDEX "CustomerImport_updated" ON identity."CustomerImport" (updated_at);
  COMMENT ON TABLE identity."CustomerImport" IS 'Forgotten 30 days after updated_at (X3)'`;

const FAILURE = `
  CREATE TABLE identity."CustomerImportFailure" (
    import_id text NOT NULL REFERENCES identity."CustomerImport" ON DELETE CASCADE,
    line integer NOT NULL,
    tenant_id text NOT NULL,
    errors jsonb NOT NULL,
    PRIMARY KEY (import_id, line)
  );
  COMMENT ON TABLE identity."CustomerImportFailure" IS
    'What was wrong with a line, without its values; goes with its import'`;

const IMPORT_MERCHANT = `
  CREATE FUNCTION identity.customer_import_merchant(p_import_id text) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT merchant_id FROM "CustomerImport" WHERE id = p_import_id
  $$`;

/** Of all tenants, so as the owner: the worker itself can read no customer. */
const FORGET = `
  CREATE FUNCTION identity.forget_customers() RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    DELETE FROM "Customer" WHERE deleted_at < now() - interval '90 days';
    DELETE FROM "IdempotencyKey" WHERE expires_at < now();
    DELETE FROM "CustomerImport" WHERE updated_at < now() - interval '30 days'
  $$`;
