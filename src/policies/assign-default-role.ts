import type { Sql } from '../database/database.js';

export type AssignDefaultRole = (sql: Pick<Sql, 'query'>, userId: string, id: string) => Promise<void>;

/** Gives a new person the role that everybody has (S4), inside the transaction that creates them. */
export const assignDefaultRole: AssignDefaultRole = async (sql, userId, id) => {
  await sql.query(
    `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, origin)
     SELECT $1, 'assign_role', 'User', $2, 'Role', role.id, 'seed' FROM identity."Role" AS role
     WHERE role.identifier = '010_user'`,
    [id, userId],
  );
};
