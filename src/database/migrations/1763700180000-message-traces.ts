import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By which trace and for which request a message was promised: ids, so that the worker's spans join it (R11). */
export class MessageTraces1763700180000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE identity."Message" ADD COLUMN trace_parent text, ADD COLUMN request_id text',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE identity."Message" DROP COLUMN trace_parent, DROP COLUMN request_id');
  }
}
