import type { Sql } from '../database/database.js';

/** What everybody has (S4). */
export const DEFAULT_ROLE = '010_user';

const FIND = `
  SELECT EXISTS (
    SELECT FROM public."PolicyDefinition" AS held
    WHERE held.variant IN ('assign_role', 'group', 'grant', 'policy', 'join_domain')
      AND held.subject_type = 'User' AND held.subject_id = $1
      AND CASE WHEN held.variant = 'join_domain' THEN held.target_type || '_' || held.target_id
        ELSE coalesce(nullif(held.domain_type, '') || '_' || held.domain_id, nullif(held.domain, ''), 'Platform')
        END <> 'Merchant_' || $2
      AND NOT (held.target_type = 'Role' AND held.target_id IN (
        SELECT id FROM identity."Role" WHERE identifier = $3))) AS elsewhere`;

/** Whether somebody has a role, a right or a place beyond this one merchant; what everybody has counts for none. */
export async function holdsElsewhere(sql: Sql, userId: string, merchantId: string): Promise<boolean> {
  const [row] = await sql.query<{ elsewhere: boolean }>(FIND, [userId, merchantId, DEFAULT_ROLE]);
  return row?.elsewhere ?? false;
}
