import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Organizers, merchants and members as people administer them (contract §5b): what is found by an id, and what is held back. */
export class Places1763700160000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [table, policy] of Object.entries(BY_ID)) {
      await runner.query(`CREATE POLICY by_id ON identity."${table}" FOR SELECT TO nx_app USING (${policy})`);
    }
    await runner.query(FIND_ORGANIZER);
    await runner.query(LIST_ORGANIZERS);
    await runner.query('GRANT DELETE ON identity."Member" TO nx_app');
    await runner.query(HELD_POLICY);
    await runner.query(
      'ALTER TABLE identity."HeldPolicy" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
    );
    await runner.query(`
      CREATE POLICY tenant ON identity."HeldPolicy" TO nx_app
      USING (tenant_id = current_setting('app.tenant_id', true))
      WITH CHECK (tenant_id = current_setting('app.tenant_id', true))`);
    await runner.query('GRANT SELECT, INSERT, DELETE ON identity."HeldPolicy" TO nx_app');
    await runner.query(`
      ALTER TABLE identity."Role" ADD COLUMN fixed boolean NOT NULL DEFAULT false`);
    await runner.query(`
      UPDATE identity."Role" SET fixed = true WHERE identifier IN ('900_admin', '500_owner', '010_user')`);
    await runner.query(`
      GRANT INSERT, UPDATE (name, description, status, modified_at) ON identity."Role" TO nx_app`);
    await runner.query('GRANT INSERT ON identity."Permission" TO nx_app');
    await runner.query('ALTER TABLE identity."User" ADD COLUMN standing_due_at timestamptz');
    await runner.query(`
      CREATE INDEX "User_standing_due" ON identity."User" (id) WHERE standing_due_at IS NOT NULL`);
    // Administrators look people up by these.
    for (const column of ['email', 'phone', 'username']) {
      await runner.query(`CREATE INDEX "User_${column}" ON identity."User" (${column})`);
    }
    await runner.query(`
      GRANT SELECT (status, standing_due_at), UPDATE (standing_due_at) ON identity."User" TO nx_worker`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX identity."User_email", identity."User_phone", identity."User_username"');
    await runner.query('ALTER TABLE identity."User" DROP COLUMN standing_due_at');
    await runner.query('REVOKE INSERT ON identity."Permission" FROM nx_app');
    await runner.query(`
      REVOKE INSERT, UPDATE (name, description, status, modified_at) ON identity."Role" FROM nx_app`);
    await runner.query('ALTER TABLE identity."Role" DROP COLUMN fixed');
    await runner.query('DROP TABLE identity."HeldPolicy"');
    await runner.query('REVOKE DELETE ON identity."Member" FROM nx_app');
    await runner.query('DROP FUNCTION identity.list_organizers, identity.find_organizer');
    for (const table of Object.keys(BY_ID)) {
      await runner.query(`DROP POLICY by_id ON identity."${table}"`);
    }
  }
}

/** Before a tenant is known: the one that is looked for by its id, and for a list of the platform's every organizer (D12). */
const BY_ID = {
  Organizer: `id = current_setting('app.organizer_id', true) OR current_setting('app.organizers', true) = 'all'`,
  Merchant: `id = current_setting('app.sought_merchant_id', true)`,
  Member: `id = current_setting('app.member_id', true)`,
};

/**
 * Whose organizer, merchant or member has this id, whatever its state; whether the caller may know is asked then. What
 * follows in the same transaction sees no more than its tenant.
 */
const FIND_ORGANIZER = `
  CREATE FUNCTION identity.find_organizer(p_kind text, p_id text, OUT organizer_id text, OUT tenant_id text)
  LANGUAGE plpgsql AS $$
  #variable_conflict use_column
  BEGIN
    IF p_kind = 'organizer' THEN
      PERFORM set_config('app.organizer_id', p_id, true);
      SELECT one.id, one.tenant_id INTO find_organizer.organizer_id, find_organizer.tenant_id
      FROM identity."Organizer" AS one WHERE one.id = p_id;
      PERFORM set_config('app.organizer_id', '', true);
    ELSIF p_kind = 'merchant' THEN
      PERFORM set_config('app.sought_merchant_id', p_id, true);
      SELECT one.organizer_id, one.tenant_id INTO find_organizer.organizer_id, find_organizer.tenant_id
      FROM identity."Merchant" AS one WHERE one.id = p_id;
      PERFORM set_config('app.sought_merchant_id', '', true);
    ELSIF p_kind = 'member' THEN
      PERFORM set_config('app.member_id', p_id, true);
      SELECT one.organizer_id, one.tenant_id INTO find_organizer.organizer_id, find_organizer.tenant_id
      FROM identity."Member" AS one WHERE one.id = p_id;
      PERFORM set_config('app.member_id', '', true);
    END IF;
  END $$`;

/** A page of organizers by id: these, or all (null) for whoever administers the platform. */
const LIST_ORGANIZERS = `
  CREATE FUNCTION identity.list_organizers(p_ids text[], p_after text, p_limit integer)
  RETURNS SETOF identity."Organizer" LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM set_config('app.organizers', 'all', true);
    RETURN QUERY SELECT * FROM identity."Organizer" AS one
      WHERE (p_ids IS NULL OR one.id = ANY(p_ids)) AND (p_after IS NULL OR one.id > p_after)
      ORDER BY one.id LIMIT p_limit;
    PERFORM set_config('app.organizers', '', true);
  END $$`;

const HELD_POLICY = `
  CREATE TABLE identity."HeldPolicy" (
    id text PRIMARY KEY,
    tenant_id text NOT NULL,
    organizer_id text NOT NULL,
    place text NOT NULL,
    user_id text,
    row jsonb NOT NULL,
    held_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, organizer_id) REFERENCES identity."Organizer" (tenant_id, id)
  );
  CREATE INDEX "HeldPolicy_organizer" ON identity."HeldPolicy" (organizer_id, user_id);
  COMMENT ON TABLE identity."HeldPolicy" IS
    'Rows that were taken out of PolicyDefinition while their member, merchant or organizer is suspended; each goes back, or with its member'`;
