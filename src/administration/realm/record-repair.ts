import { recordImpersonal } from '../../audit/index.js';
import type { Sql } from '../../database/database.js';
import type { printable } from './difference.js';

export type RecordRepair = (realm: string, difference: ReturnType<typeof printable>) => Promise<void>;

/** What the job changed in the realm, setting by setting; secrets are taken out already. */
export function createRecordRepair(sql: Sql): RecordRepair {
  return (realm, { path, from, to }) =>
    recordImpersonal(sql, {
      actor: { type: 'system', id: 'migrate' },
      action: 'realm.repaired',
      subject: { type: 'realm', id: realm },
      before: { path, value: from },
      after: { path, value: to },
    });
}
