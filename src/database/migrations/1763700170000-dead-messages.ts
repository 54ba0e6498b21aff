import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The few messages that an operator has to look at, counted every few seconds among the many that were sent (R6). */
export class DeadMessages1763700170000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `CREATE INDEX "Message_dead" ON identity."Message" (channel, deadline_at) WHERE status = 'dead'`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX identity."Message_dead"');
  }
}
