import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What sisters see of ended sessions (S8): each session, and each credential of a service, holds one place of a status
 * list. Places are handed out in random order, so that a place tells nothing of when or whose (D7).
 */
export class StatusLists1763700110000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."StatusList" (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        size integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        full_at timestamptz
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."StatusList" IS
      'Kept until all its places were handed out and nothing with a place in it lives any more; the worker looks hourly.'`);
    await runner.query(`
      CREATE TABLE identity."FreeStatusIndex" (
        list_id integer NOT NULL REFERENCES identity."StatusList" ON DELETE CASCADE,
        place integer NOT NULL,
        idx integer NOT NULL,
        PRIMARY KEY (list_id, place)
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."FreeStatusIndex" IS
      'Not handed out yet, in the order in which they will be; a row goes when it is.'`);
    await runner.query(`
      CREATE TABLE identity."Revocation" (
        list_id integer NOT NULL REFERENCES identity."StatusList" ON DELETE CASCADE,
        idx integer NOT NULL,
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        PRIMARY KEY (list_id, idx)
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."Revocation" IS
      'What readers of the status lists must see; kept as long as its list. Read by xid, never past an open writer.'`);
    await runner.query('CREATE INDEX "Revocation_xid" ON identity."Revocation" (xid)');
    for (const table of ['AuthSession', 'ServiceCredential']) {
      await runner.query(
        `ALTER TABLE identity."${table}" ADD COLUMN status_list integer, ADD COLUMN status_idx integer`,
      );
      await runner.query(
        `CREATE UNIQUE INDEX "${table}_status" ON identity."${table}" (status_list, status_idx)`,
      );
    }
    for (const statement of [ADD_LIST, TAKE, REVOKE, ...TRIGGERS]) await runner.query(statement);
    await runner.query('SELECT identity.add_status_list()');
    await runner.query(`
      UPDATE identity."ServiceCredential" SET (status_list, status_idx) =
        (SELECT taken.list_id, taken.idx FROM identity.take_status_indices(1) AS taken WHERE id IS NOT NULL)`);
    await runner.query('REVOKE EXECUTE ON FUNCTION identity.add_status_list FROM PUBLIC');
    await runner.query('REVOKE EXECUTE ON FUNCTION identity.take_status_indices FROM PUBLIC');
    await runner.query('GRANT EXECUTE ON FUNCTION identity.take_status_indices TO nx_app');
    await runner.query('GRANT SELECT ON identity."StatusList", identity."Revocation" TO nx_app, nx_worker');
    await runner.query('GRANT SELECT ON identity."FreeStatusIndex" TO nx_worker');
    await runner.query('GRANT SELECT (status_list) ON identity."ServiceCredential" TO nx_worker');
    await runner.query('GRANT UPDATE (full_at), DELETE ON identity."StatusList" TO nx_worker');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER "AuthSession_revoke" ON identity."AuthSession"');
    await runner.query('DROP TRIGGER "ServiceCredential_revoke" ON identity."ServiceCredential"');
    await runner.query('DROP TRIGGER "ServiceCredential_place" ON identity."ServiceCredential"');
    await runner.query('DROP FUNCTION identity.revoke_status, identity.place_credential');
    await runner.query('DROP FUNCTION identity.take_status_indices, identity.add_status_list');
    for (const table of ['AuthSession', 'ServiceCredential']) {
      await runner.query(`ALTER TABLE identity."${table}" DROP COLUMN status_list, DROP COLUMN status_idx`);
    }
    await runner.query('DROP TABLE identity."Revocation", identity."FreeStatusIndex", identity."StatusList"');
  }
}

/** `gen_random_uuid` is as good as PostgreSQL's own randomness, which is cryptographic. */
const ADD_LIST = `
  CREATE FUNCTION identity.add_status_list(p_size integer DEFAULT 32768) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
    WITH list AS (INSERT INTO "StatusList" (size) VALUES (p_size) RETURNING id)
    INSERT INTO "FreeStatusIndex" (list_id, place, idx)
    SELECT list.id, row_number() OVER (ORDER BY gen_random_uuid()), idx
    FROM list, generate_series(0, p_size - 1) AS idx
  $$`;

/** A new list is made before the last one is used up: whoever comes meanwhile doesn't wait for it. */
const TAKE = `
  CREATE FUNCTION identity.take_status_indices(p_count integer) RETURNS TABLE (list_id integer, idx integer)
  LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  BEGIN
    IF (SELECT count(*) FROM (SELECT FROM "FreeStatusIndex" LIMIT 2048) AS few) < 2048
       AND pg_try_advisory_xact_lock(7365001) THEN
      PERFORM add_status_list();
    END IF;
    RETURN QUERY
      DELETE FROM "FreeStatusIndex" AS free USING (
        SELECT next.list_id, next.place FROM "FreeStatusIndex" AS next
        ORDER BY next.list_id, next.place LIMIT p_count FOR UPDATE SKIP LOCKED) AS taken
      WHERE free.list_id = taken.list_id AND free.place = taken.place
      RETURNING free.list_id, free.idx;
  END
  $$`;

/** Whoever ends it, an operator by hand included, it is seen. */
const REVOKE = `
  CREATE FUNCTION identity.revoke_status() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  BEGIN
    INSERT INTO "Revocation" (list_id, idx)
    SELECT OLD.status_list, OLD.status_idx FROM "StatusList" WHERE id = OLD.status_list
    ON CONFLICT DO NOTHING;
    RETURN NULL;
  END
  $$`;

const TRIGGERS = [
  `CREATE TRIGGER "AuthSession_revoke" AFTER UPDATE OF ended_at ON identity."AuthSession" FOR EACH ROW
   WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND OLD.status_list IS NOT NULL)
   EXECUTE FUNCTION identity.revoke_status()`,
  `CREATE TRIGGER "ServiceCredential_revoke" AFTER UPDATE OF revoked_at ON identity."ServiceCredential" FOR EACH ROW
   WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL AND OLD.status_list IS NOT NULL)
   EXECUTE FUNCTION identity.revoke_status()`,
  `CREATE FUNCTION identity.place_credential() RETURNS trigger
   LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
   BEGIN
     SELECT taken.list_id, taken.idx INTO NEW.status_list, NEW.status_idx
     FROM take_status_indices(1) AS taken;
     RETURN NEW;
   END
   $$`,
  `CREATE TRIGGER "ServiceCredential_place" BEFORE INSERT ON identity."ServiceCredential" FOR EACH ROW
   EXECUTE FUNCTION identity.place_credential()`,
];
