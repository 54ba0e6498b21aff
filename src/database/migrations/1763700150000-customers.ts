import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Customers of merchants (P4), the keys by which a repeated request is known, and this service's own name. */
export class Customers1763700150000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(FOLD_TEXT);
    await runner.query(
      'ALTER TABLE identity."Merchant" ADD CONSTRAINT "Merchant_tenant" UNIQUE (tenant_id, id)',
    );
    for (const statement of [CUSTOMER, ...INDEXES, IDEMPOTENCY_KEY]) await runner.query(statement);
    for (const table of ['Customer', 'IdempotencyKey']) {
      await runner.query(
        `ALTER TABLE identity."${table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      );
      await runner.query(`
        CREATE POLICY tenant ON identity."${table}" TO nx_app
        USING (tenant_id = current_setting('app.tenant_id', true))
        WITH CHECK (tenant_id = current_setting('app.tenant_id', true))`);
      // The owner's functions look tenant and merchant up by themselves.
      await runner.query(
        `CREATE POLICY keeper ON identity."${table}" TO CURRENT_USER USING (true) WITH CHECK (true)`,
      );
      await runner.query(`GRANT SELECT, INSERT, UPDATE ON identity."${table}" TO nx_app`);
    }
    for (const [table, policy] of Object.entries(NAMED)) {
      await runner.query(`CREATE POLICY named ON identity."${table}" FOR SELECT TO nx_app USING (${policy})`);
    }
    await runner.query(MERCHANT_TENANT);
    await runner.query(CUSTOMER_PLACE);
    await runner.query('REVOKE ALL ON FUNCTION identity.customer_place FROM PUBLIC');
    await runner.query('GRANT EXECUTE ON FUNCTION identity.customer_place TO nx_app');
    // Whom a system token is for that is shown to us (contract §1: aud is one registered service).
    await runner.query(`
      INSERT INTO identity."Service" (id, name, description)
      VALUES ('nx-identity', 'nx-identity', 'This service itself') ON CONFLICT DO NOTHING`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM identity."Service" WHERE id = 'nx-identity'`);
    await runner.query('DROP FUNCTION identity.customer_place, identity.merchant_tenant');
    for (const table of Object.keys(NAMED)) await runner.query(`DROP POLICY named ON identity."${table}"`);
    await runner.query('DROP TABLE identity."IdempotencyKey", identity."Customer"');
    await runner.query('ALTER TABLE identity."Merchant" DROP CONSTRAINT "Merchant_tenant"');
    await runner.query('DROP FUNCTION identity.fold_text, identity.dialled_digits');
  }
}

/** Text as it is searched: without accents (đ has none in Unicode and is a letter of its own), case and double spaces. */
const FOLD_TEXT = `
  CREATE FUNCTION identity.fold_text(p_text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT lower(translate(regexp_replace(regexp_replace(
      normalize(p_text, NFKD), '[\\u0300-\\u036f]', '', 'g'), '\\s+', ' ', 'g'), 'Đđ', 'dd'))
  $$;
  CREATE FUNCTION identity.dialled_digits(p_phone text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
    SELECT CASE WHEN p_phone LIKE '+84%' THEN '0' || substr(p_phone, 4) ELSE ltrim(p_phone, '+') END
  $$`;

/** In search_text line breaks keep the parts apart, as no query holds one, and each word has a space before it. */
const CUSTOMER = `
  CREATE TABLE identity."Customer" (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    merchant_id text NOT NULL,
    code text NOT NULL,
    display_name text NOT NULL,
    phone text CHECK (phone ~ '^\\+[1-9][0-9]{7,14}$'),
    email text,
    birthday date,
    note text,
    tags text[] NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    merged_into text,
    search_text text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
      ' ' || identity.fold_text(display_name) || E'\\n ' || identity.fold_text(code)
      || coalesce(E'\\n ' || identity.dialled_digits(phone), '') || coalesce(E'\\n ' || lower(email), '')) STORED,
    FOREIGN KEY (tenant_id, merchant_id) REFERENCES identity."Merchant" (tenant_id, id)
  );
  COMMENT ON TABLE identity."Customer" IS
    'A merchant''s customers. One that was deleted stays for 90 days (deleted_at) and is then forgotten (X3)'`;

const INDEXES = [
  `CREATE UNIQUE INDEX "Customer_code" ON identity."Customer" (merchant_id, code) WHERE deleted_at IS NULL`,
  `CREATE UNIQUE INDEX "Customer_phone" ON identity."Customer" (merchant_id, phone) WHERE deleted_at IS NULL`,
  `CREATE INDEX "Customer_export" ON identity."Customer" (merchant_id, id) WHERE deleted_at IS NULL`,
  `CREATE INDEX "Customer_list" ON identity."Customer" (tenant_id, merchant_id, search_text, id)
   WHERE deleted_at IS NULL`,
  `CREATE INDEX "Customer_merged" ON identity."Customer" (merged_into) WHERE merged_into IS NOT NULL`,
  `CREATE INDEX "Customer_deleted" ON identity."Customer" (deleted_at) WHERE deleted_at IS NOT NULL`,
];

const IDEMPOTENCY_KEY = `
  CREATE TABLE identity."IdempotencyKey" (
    tenant_id text NOT NULL,
    caller text NOT NULL,
    key text NOT NULL,
    request_hash text NOT NULL,
    customer_id text NOT NULL,
    expires_at timestamptz NOT NULL DEFAULT now() + interval '24 hours',
    PRIMARY KEY (tenant_id, caller, key)
  );
  CREATE INDEX "IdempotencyKey_expired" ON identity."IdempotencyKey" (expires_at);
  COMMENT ON TABLE identity."IdempotencyKey" IS 'Which request made which customer; forgotten at expires_at (X3)'`;

/** Before a tenant is known: the merchant that a request names, and its organizer (D12). */
const NAMED = {
  Merchant: `id = current_setting('app.merchant_id', true)`,
  Organizer: `id IN (SELECT merchant.organizer_id FROM identity."Merchant" AS merchant
    WHERE merchant.id = current_setting('app.merchant_id', true))`,
};

/** The tenant of a merchant that is open; null otherwise. What follows in the same transaction sees no more than its tenant. */
const MERCHANT_TENANT = `
  CREATE FUNCTION identity.merchant_tenant(p_merchant_id text) RETURNS text LANGUAGE plpgsql AS $$
  DECLARE
    v_tenant text;
  BEGIN
    PERFORM set_config('app.merchant_id', p_merchant_id, true);
    SELECT merchant.tenant_id INTO v_tenant
    FROM identity."Merchant" AS merchant JOIN identity."Organizer" AS organizer ON organizer.id = merchant.organizer_id
    WHERE merchant.id = p_merchant_id AND merchant.status = 'ACTIVE' AND organizer.status = 'ACTIVE';
    PERFORM set_config('app.merchant_id', '', true);
    RETURN v_tenant;
  END $$`;

/** Which merchant a customer belongs to, deleted or not, and nothing else of them: whether the caller may know is asked then. */
const CUSTOMER_PLACE = `
  CREATE FUNCTION identity.customer_place(p_customer_id text) RETURNS text
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    SELECT merchant_id FROM "Customer" WHERE id = p_customer_id
  $$`;
