import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What providers report of a message after they took it (M5). */
export class DeliveryReports1763700090000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE identity."MessageAttempt"
        ADD COLUMN delivery text CHECK (delivery IN ('pending', 'delivered', 'undelivered')),
        ADD COLUMN delivery_status text,
        ADD COLUMN delivery_reported_at timestamptz`);
    await runner.query(
      'CREATE INDEX "MessageAttempt_provider_id" ON identity."MessageAttempt" (provider, provider_message_id)',
    );
    await runner.query(`
      GRANT UPDATE (delivery, delivery_status, delivery_reported_at) ON identity."MessageAttempt" TO nx_app`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX identity."MessageAttempt_provider_id"');
    await runner.query(`
      ALTER TABLE identity."MessageAttempt"
        DROP COLUMN delivery, DROP COLUMN delivery_status, DROP COLUMN delivery_reported_at`);
  }
}
