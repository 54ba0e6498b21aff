import type { Database } from '../database/database.js';
import { recordImpersonal } from './record.js';

/**
 * Makes the months ahead and drops those past the retention, and says so in the trail itself. Harmless when several
 * workers do it at once: they take turns.
 */
export async function keepPartitions(database: Database, retentionMonths: number): Promise<void> {
  await database.transaction(async (sql) => {
    const changes = await sql.query<{ what: 'made' | 'dropped'; partition: string }>(
      'SELECT what, partition FROM identity.keep_audit_partitions($1)',
      [retentionMonths],
    );
    await recordImpersonal(
      sql,
      ...changes.map(({ what, partition }) => ({
        actor: { type: 'system', id: 'worker' } as const,
        action: `audit.partition_${what}` as const,
        subject: { type: 'audit', id: partition } as const,
        ...(what === 'dropped' ? { after: { retentionMonths } } : {}),
      })),
    );
  });
}
