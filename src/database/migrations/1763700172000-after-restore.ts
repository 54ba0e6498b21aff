import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the service's own role can't do to a database that was put back to an earlier state (decision 0033). */
export class AfterRestore1763700172000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OUTRUN_BACKUP);
    await runner.query('REVOKE ALL ON FUNCTION identity.outrun_backup FROM PUBLIC');
    await runner.query('GRANT EXECUTE ON FUNCTION identity.outrun_backup TO nx_app');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP FUNCTION identity.outrun_backup');
  }
}

/**
 * Epochs go on above any that was given out since the backup, and everybody's rights count as changed. Places of status
 * lists that may have been handed out since are revoked and never handed out again, and new lists get ids that none had.
 */
const OUTRUN_BACKUP = `
  CREATE FUNCTION identity.outrun_backup() RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('identity.policy_epoch'));
    PERFORM setval('identity.policy_epoch', nextval('identity.policy_epoch') + 100000000);
    PERFORM identity.move_policy_epoch('Platform', '*');
    INSERT INTO "Revocation" (list_id, idx) SELECT list_id, idx FROM "FreeStatusIndex" ON CONFLICT DO NOTHING;
    DELETE FROM "FreeStatusIndex";
    PERFORM setval(pg_get_serial_sequence('identity."StatusList"', 'id'),
      (SELECT coalesce(max(id), 0) + 1000 FROM "StatusList"));
    PERFORM add_status_list();
  END
  $$`;
