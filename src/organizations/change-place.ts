import type { Sql } from '../database/database.js';
import type { PolicyWriter } from '../policies/index.js';
import { joinPlace } from './add-member.js';

interface Held {
  id: string;
  variant: string;
  targetId: string;
}

/**
 * Gives a member exactly these roles at one place, by the writer whose right it is; none: no place there any more. First
 * what is given, so that a writer who changes their own place still has the right to.
 * @returns the roles that were held there
 */
export async function changePlace(
  { sql, writer }: { sql: Sql; writer: Pick<PolicyWriter, 'give' | 'take'> },
  place: { organizerId: string; userId: string; merchantId: string | null },
  roleIds: readonly string[],
): Promise<string[]> {
  const { organizerId, userId, merchantId } = place;
  const domain = merchantId === null ? `Organizer_${organizerId}` : `Merchant_${merchantId}`;
  const held = await sql.query<Held>(HELD, [userId, domain]);
  const assigned = held.filter(({ variant }) => variant !== 'join_domain');
  for (const roleId of roleIds) {
    const isHeld = assigned.some(({ targetId }) => targetId === roleId);
    if (!isHeld) await joinPlace(writer, organizerId, { userId, merchantId, roleId });
  }
  const surplus =
    roleIds.length === 0 ? held : assigned.filter(({ targetId }) => !roleIds.includes(targetId));
  for (const { id } of surplus) await writer.take(id);
  return assigned.map(({ targetId }) => targetId);
}

/** Locked before writers of policies take turns, as whoever removes one of these rows does. */
const HELD = `
  SELECT id, variant, target_id AS "targetId" FROM public."PolicyDefinition"
  WHERE subject_type = 'User' AND subject_id = $1 AND origin <> 'keycloak'
    AND ((variant IN ('assign_role', 'group') AND target_type = 'Role'
        AND coalesce(nullif(domain_type, '') || '_' || domain_id, domain) = $2)
      OR (variant = 'join_domain' AND target_type || '_' || target_id = $2))
  ORDER BY id FOR UPDATE`;
