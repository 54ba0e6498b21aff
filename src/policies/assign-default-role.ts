import type { Audit } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Visitor } from '../http/route.js';
import { DEFAULT_ROLE } from './holds-elsewhere.js';

export type AssignDefaultRole = (sql: Sql, userId: string, visitor: Visitor) => Promise<void>;

/** Gives a new person the role that everybody has (S4), inside the transaction that creates them. */
export function createAssignDefaultRole(options: {
  nextId: NextId;
  audit: Pick<Audit, 'record'>;
}): AssignDefaultRole {
  const { nextId, audit } = options;
  return async (sql, userId, visitor) => {
    await sql.query(
      `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, origin)
       SELECT $1, 'assign_role', 'User', $2, 'Role', role.id, 'seed' FROM identity."Role" AS role
       WHERE role.identifier = $3`,
      [nextId(), userId, DEFAULT_ROLE],
    );
    await audit.record(sql, {
      actor: { type: 'system', id: 'default-role' },
      action: 'role.assigned',
      subject: { type: 'user', id: userId },
      after: { role: DEFAULT_ROLE },
      visitor,
    });
  };
}
