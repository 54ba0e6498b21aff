import { type Audit, KEYCLOAK } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Visitor } from '../http/route.js';

/** Gives a person exactly these roles as Keycloak's, in the caller's transaction; rows made by hand are not touched. */
export type SyncRoles = (
  sql: Sql,
  userId: string,
  identifiers: readonly string[],
  visitor: Visitor,
) => Promise<void>;

/** Rows of Keycloak's are known by their `origin`: a role given by hand as well is held until both are gone. */
export function createSyncRoles(options: { nextId: NextId; audit: Pick<Audit, 'record'> }): SyncRoles {
  const { nextId, audit } = options;
  return async (sql, userId, identifiers, visitor) => {
    const wanted = new Set(identifiers);
    const rows = await sql.query<{ id: string; role: string | null }>(HELD, [userId]);
    const surplus = rows.filter(({ role }) => role === null || !wanted.delete(role));
    if (surplus.length > 0) {
      await sql.query('DELETE FROM public."PolicyDefinition" WHERE id = ANY($1)', [
        surplus.map(({ id }) => id),
      ]);
    }
    const given: string[] = [];
    for (const role of wanted) {
      const made = await sql.query(GIVE, [nextId(), userId, role]);
      if (made.length > 0) given.push(role);
    }
    const entry = (action: 'role.assigned' | 'role.unassigned', role: string | null) =>
      ({
        actor: KEYCLOAK,
        action,
        subject: { type: 'user', id: userId },
        after: { role, origin: 'keycloak' },
        visitor,
      }) as const;
    await audit.record(
      sql,
      ...surplus.map(({ role }) => entry('role.unassigned', role)),
      ...given.map((role) => entry('role.assigned', role)),
    );
  };
}

const HELD = `
  SELECT policy.id, role.identifier AS role FROM public."PolicyDefinition" AS policy
  LEFT JOIN identity."Role" AS role ON role.id = policy.target_id
  WHERE policy.origin = 'keycloak' AND policy.variant = 'assign_role' AND policy.subject_type = 'User'
    AND policy.subject_id = $1 AND policy.target_type = 'Role'
  FOR UPDATE OF policy`;

const GIVE = `
  INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, origin)
  SELECT $1, 'assign_role', 'User', $2, 'Role', role.id, 'keycloak' FROM identity."Role" AS role
  WHERE role.identifier = $3 RETURNING id`;
