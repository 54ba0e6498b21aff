import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What messages of a day cost a merchant, in one row that a promise adds to before it is sent: a ceiling holds for all
 * replicas at once. And the devices that somebody has signed in from.
 */
export class TollGuard1763700080000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await this.spend(runner);
    await runner.query(`
      CREATE TABLE identity."Device" (
        id text PRIMARY KEY,
        user_id text NOT NULL REFERENCES identity."User" ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz
      )`);
    await runner.query(
      'CREATE INDEX "Device_live" ON identity."Device" (user_id, last_used_at) WHERE ended_at IS NULL',
    );
    await runner.query('CREATE INDEX "Device_last_used" ON identity."Device" (last_used_at)');
    await runner.query(`
      COMMENT ON TABLE identity."Device" IS
      'The worker deletes a row 90 days after the last sign-in, when the token of it has run out.'`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."Device" TO nx_app');
    await runner.query('GRANT SELECT, DELETE ON identity."Device" TO nx_worker');
  }

  private async spend(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identity."MessageSpend" (
        merchant_id text NOT NULL,
        day date NOT NULL,
        spent bigint NOT NULL CHECK (spent >= 0),
        granted boolean NOT NULL DEFAULT true,
        PRIMARY KEY (merchant_id, day)
      )`);
    await runner.query(`
      COMMENT ON TABLE identity."MessageSpend" IS
      'VND by merchant (empty: the platform) and Vietnam''s day: the sum of the ledger''s costs. granted: what the last promise was told. The worker deletes days older than a week.'`);
    await runner.query(`
      INSERT INTO identity."MessageSpend" (merchant_id, day, spent)
      SELECT coalesce(merchant_id, ''), (now() AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, sum(cost)
      FROM identity."Message" WHERE created_at >= date_trunc('day', now(), 'Asia/Ho_Chi_Minh') GROUP BY 1`);
    // A promise counts an estimate; what the providers came to is put right here, whichever statement learns of it.
    await runner.query(`
      CREATE FUNCTION identity.correct_message_spend() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE identity."MessageSpend" SET spent = greatest(0, spent + NEW.cost - OLD.cost)
        WHERE merchant_id = coalesce(NEW.merchant_id, '')
          AND day = (NEW.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date;
        RETURN NULL;
      END $$`);
    await runner.query(`
      CREATE TRIGGER "Message_spend" AFTER UPDATE OF cost ON identity."Message" FOR EACH ROW
      WHEN (OLD.cost IS DISTINCT FROM NEW.cost) EXECUTE FUNCTION identity.correct_message_spend()`);
    await runner.query('GRANT SELECT, INSERT, UPDATE ON identity."MessageSpend" TO nx_app');
    await runner.query('GRANT SELECT, UPDATE, DELETE ON identity."MessageSpend" TO nx_worker');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE identity."Device"');
    await runner.query('DROP TRIGGER "Message_spend" ON identity."Message"');
    await runner.query('DROP FUNCTION identity.correct_message_spend()');
    await runner.query('DROP TABLE identity."MessageSpend"');
  }
}
