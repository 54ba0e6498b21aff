import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whose profile has changed, by whichever hand, for the worker to tell their open apps of (contract §10). */
export class ProfileChanges1763700167000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."ProfileChange" (
        user_id text PRIMARY KEY,
        changed_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(
      `COMMENT ON TABLE identity."ProfileChange" IS 'One row a person at the most, until the worker has told it (X3)'`,
    );
    await runner.query('GRANT SELECT, UPDATE, DELETE ON identity."ProfileChange" TO nx_worker');
    await runner.query(NOTE);
    await runner.query('REVOKE ALL ON FUNCTION identity.note_profile_change FROM PUBLIC');
    await runner.query(`
      CREATE TRIGGER profile_change AFTER UPDATE OF ${SHOWN.join(', ')} ON identity."User"
      FOR EACH ROW WHEN ((${of('OLD')}) IS DISTINCT FROM (${of('NEW')}))
      EXECUTE FUNCTION identity.note_profile_change()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TRIGGER profile_change ON identity."User"');
    await runner.query('DROP FUNCTION identity.note_profile_change');
    await runner.query('DROP TABLE identity."ProfileChange"');
  }
}

/** What apps show of a person. */
const SHOWN = ['username', 'display_name', 'email', 'email_verified', 'phone', 'phone_verified'];
const of = (row: string) => SHOWN.map((column) => `${row}.${column}`).join(', ');

/** The update locks a row that is there, so that no worker takes it before this change has committed. */
const NOTE = `
  CREATE FUNCTION identity.note_profile_change() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = identity, pg_temp AS $$
  BEGIN
    INSERT INTO "ProfileChange" (user_id) VALUES (NEW.id) ON CONFLICT (user_id) DO UPDATE SET changed_at = now();
    RETURN NULL;
  END $$`;
