import type { MigrationInterface, QueryRunner } from 'typeorm';

/** From where people have signed in, so that they are told of a sign-in from elsewhere, once a day at most. */
export class SignInPlaces1763700091000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."SignInPlace" (
        user_id text NOT NULL REFERENCES identity."User" ON DELETE CASCADE,
        place text NOT NULL,
        last_seen_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (user_id, place)
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."SignInPlace" IS
      'An HMAC of agent and address block. The worker deletes a row 90 days after the last sign-in from there.'`);
    await runner.query('CREATE INDEX "SignInPlace_last_seen" ON identity."SignInPlace" (last_seen_at)');
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."SignInPlace" TO nx_app');
    await runner.query('GRANT SELECT, DELETE ON identity."SignInPlace" TO nx_worker');
    // The first device ever, and the last notice of a new one, are kept as long as the person.
    await runner.query(`
      ALTER TABLE identity."User" ADD COLUMN first_device_at timestamptz, ADD COLUMN device_notice_at timestamptz`);
    await runner.query(`
      UPDATE identity."User" SET first_device_at = (
        SELECT min(created_at) FROM identity."Device" WHERE user_id = "User".id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE identity."User" DROP COLUMN first_device_at, DROP COLUMN device_notice_at',
    );
    await runner.query('DROP TABLE identity."SignInPlace"');
  }
}
