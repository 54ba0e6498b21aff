import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The audit trail (P12): append-only by grants, a partition a month. Roles have rights on the parent alone, so a
 * partition can't be reached by its own name; only its owner, in `keep_audit_partitions`, can take rows out.
 */
export class Audit1763700050000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE SEQUENCE identity.audit_sequence MINVALUE 0 MAXVALUE 4095 CYCLE');
    // Snowflakes of worker 0, by the database: one statement can record many acts, and jobs lease no worker id.
    await runner.query(`
      CREATE FUNCTION identity.next_audit_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$
        SELECT ((floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1735689600000) << 22)
          | nextval('identity.audit_sequence')
      $$`);
    await runner.query(`
      CREATE TABLE identity."AuditEvent" (
        id bigint NOT NULL DEFAULT identity.next_audit_id(),
        created_at timestamptz NOT NULL DEFAULT now(),
        actor_type text NOT NULL CHECK (actor_type IN ('user', 'service', 'admin', 'system', 'anonymous')),
        actor_id text,
        action text NOT NULL CHECK (action ~ '^[a-z_]+[.][a-z_]+$'),
        subject_type text,
        subject_id text,
        tenant_id text,
        before jsonb,
        after jsonb,
        request_id text,
        count integer NOT NULL DEFAULT 1,
        personal jsonb,
        PRIMARY KEY (created_at, id)
      ) PARTITION BY RANGE (created_at)`);
    await runner.query(`
      COMMENT ON TABLE identity."AuditEvent" IS
      'Kept for IDENTITY_AUDIT_RETENTION_MONTHS. personal: sealed under keys of SubjectKey. tenant_id null: the platform.'`);
    await runner.query('CREATE INDEX "AuditEvent_actor" ON identity."AuditEvent" (actor_id, created_at, id)');
    await runner.query(
      'CREATE INDEX "AuditEvent_subject" ON identity."AuditEvent" (subject_id, created_at, id)',
    );
    await runner.query('CREATE INDEX "AuditEvent_action" ON identity."AuditEvent" (action, created_at, id)');
    await runner.query(
      'CREATE TABLE identity."AuditEvent_default" PARTITION OF identity."AuditEvent" DEFAULT',
    );
    for (const table of ['AuditEvent', 'AuditEvent_default']) {
      await runner.query(
        `ALTER TABLE identity."${table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY`,
      );
      await runner.query(
        `CREATE POLICY keeper ON identity."${table}" TO CURRENT_USER USING (true) WITH CHECK (true)`,
      );
    }
    await runner.query(
      'CREATE POLICY append ON identity."AuditEvent" FOR INSERT TO nx_app, nx_worker WITH CHECK (true)',
    );
    // A tenant's transaction sees that tenant's events; who reads the platform's trail has to say so.
    await runner.query(`
      CREATE POLICY read ON identity."AuditEvent" FOR SELECT TO nx_app, nx_worker
      USING (tenant_id = current_setting('app.tenant_id', true)
        OR current_setting('app.audit_reader', true) = 'platform')`);
    await runner.query('GRANT SELECT, INSERT ON identity."AuditEvent" TO nx_app, nx_worker');
    await runner.query('GRANT USAGE ON SEQUENCE identity.audit_sequence TO nx_app, nx_worker');
    await createKeysAndRefusals(runner);
    await runner.query(KEEP_PARTITIONS);
    await runner.query('REVOKE ALL ON FUNCTION identity.keep_audit_partitions FROM PUBLIC');
    await runner.query('GRANT EXECUTE ON FUNCTION identity.keep_audit_partitions TO nx_worker');
    await runner.query('SELECT FROM identity.keep_audit_partitions(1)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.keep_audit_partitions');
    await runner.query('DROP TABLE identity."RefusalCount", identity."SubjectKey", identity."AuditEvent"');
    await runner.query('DROP FUNCTION identity.next_audit_id');
    await runner.query('DROP SEQUENCE identity.audit_sequence');
  }
}

async function createKeysAndRefusals(runner: QueryRunner): Promise<void> {
  await runner.query(`
    CREATE TABLE identity."SubjectKey" (
      subject_type text NOT NULL,
      subject_id text NOT NULL,
      sealed_key text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (subject_type, subject_id)
    )`);
  await runner.query(`
    COMMENT ON TABLE identity."SubjectKey" IS
    'One key a subject, sealed by audit.key. Without its row, the personal values of that subject are lost for ever.'`);
  await runner.query('GRANT SELECT, INSERT, DELETE ON identity."SubjectKey" TO nx_app');
  await runner.query(`
    CREATE TABLE identity."RefusalCount" (
      minute timestamptz NOT NULL,
      action text NOT NULL,
      call text NOT NULL,
      source text NOT NULL,
      actor_id text NOT NULL,
      personal jsonb,
      count integer NOT NULL,
      PRIMARY KEY (minute, action, call, source, actor_id)
    )`);
  await runner.query(`
    COMMENT ON TABLE identity."RefusalCount" IS
    'Refusals of the running minute. source: an HMAC of the address, or * for those past the bound. The worker moves them to AuditEvent.'`);
  await runner.query('GRANT SELECT, INSERT, UPDATE (count) ON identity."RefusalCount" TO nx_app');
  await runner.query('GRANT SELECT, DELETE, UPDATE (count) ON identity."RefusalCount" TO nx_worker');
}

/**
 * Makes the partitions of this month and three ahead, and of whatever month fell into the default one; drops those
 * whose every row is older than the retention. Whoever calls it, the running month and the one before are kept.
 */
const KEEP_PARTITIONS = `
  CREATE FUNCTION identity.keep_audit_partitions(p_retention_months integer)
  RETURNS TABLE (what text, partition text) LANGUAGE plpgsql SECURITY DEFINER
  SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET lock_timeout = '3s' AS $$
  DECLARE
    v_month timestamptz := date_trunc('month', now());
    v_cutoff timestamptz;
    v_first timestamptz;
    v_name text;
  BEGIN
    IF p_retention_months IS NULL THEN RAISE EXCEPTION 'a retention is needed'; END IF;
    v_cutoff := v_month - make_interval(months => greatest(p_retention_months, 1));
    PERFORM pg_advisory_xact_lock(7261003);
    DELETE FROM identity."AuditEvent_default" WHERE created_at < v_cutoff;
    FOR v_first IN
      SELECT generate_series(v_month, v_month + interval '3 months', interval '1 month')
      UNION SELECT date_trunc('month', created_at) FROM identity."AuditEvent_default" ORDER BY 1
    LOOP
      v_name := 'AuditEvent_' || to_char(v_first, 'YYYY_MM');
      CONTINUE WHEN to_regclass(format('identity.%I', v_name)) IS NOT NULL;
      -- Nobody may write into the default partition between the move and the attachment.
      LOCK TABLE identity."AuditEvent_default" IN ACCESS EXCLUSIVE MODE;
      EXECUTE format('CREATE TABLE identity.%I (LIKE identity."AuditEvent" INCLUDING ALL)', v_name);
      EXECUTE format('WITH late AS (DELETE FROM identity."AuditEvent_default"
        WHERE created_at >= $1 AND created_at < $2 RETURNING *) INSERT INTO identity.%I SELECT * FROM late', v_name)
        USING v_first, v_first + interval '1 month';
      EXECUTE format('ALTER TABLE identity."AuditEvent" ATTACH PARTITION identity.%I FOR VALUES FROM (%L) TO (%L)',
        v_name, v_first, v_first + interval '1 month');
      EXECUTE format('ALTER TABLE identity.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', v_name);
      EXECUTE format('CREATE POLICY keeper ON identity.%I TO CURRENT_USER USING (true) WITH CHECK (true)', v_name);
      RETURN QUERY SELECT 'made', v_name;
    END LOOP;
    FOR v_name IN
      SELECT child.relname FROM pg_inherits JOIN pg_class AS child ON child.oid = inhrelid
      WHERE inhparent = 'identity."AuditEvent"'::regclass AND child.relname ~ '^AuditEvent_[0-9]{4}_[0-9]{2}$'
        AND to_timestamp(substr(child.relname, 12), 'YYYY_MM') + interval '1 month' <= v_cutoff
    LOOP
      EXECUTE format('DROP TABLE identity.%I', v_name);
      RETURN QUERY SELECT 'dropped', v_name;
    END LOOP;
    -- The addresses of strangers are under a key a month.
    DELETE FROM identity."SubjectKey" WHERE subject_type = 'source' AND subject_id < to_char(v_cutoff, 'YYYY-MM');
  END $$`;
