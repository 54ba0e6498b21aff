import type { Actor, Audit } from '../audit/index.js';
import type { Transaction } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { Problem } from '../errors/problem.js';
import type { Visitor } from '../http/route.js';
import type { PolicyWriter } from '../policies/index.js';
import { organizationErrors } from './errors.js';
import type { Scope } from './scope.js';

/** Somebody's place: a role at a merchant, or at the organizer (`merchantId` null) and so at all of them. */
export interface Place {
  userId: string;
  merchantId: string | null;
  roleId: string;
}

/**
 * Makes somebody a member, once however often, with a role: rows of PolicyDefinition by the writer whose right it is. The
 * caller holds the organizer's row, so of two at once one finds the other's.
 * @returns the member's id
 * @throws Problem `organization.member_suspended` (409), and what the writer throws
 */
export async function addMember(
  { audit, nextId }: { audit: Pick<Audit, 'record'>; nextId: NextId },
  { sql, writer }: { sql: Transaction; writer: Pick<PolicyWriter, 'give'> },
  { organizerId, tenantId }: Scope,
  { userId, merchantId, roleId }: Place,
  by: { actor: Actor; visitor: Visitor },
): Promise<string> {
  const [made] = await sql.query<{ id: string }>(
    `INSERT INTO identity."Member" (id, tenant_id, organizer_id, user_id) VALUES ($1, $2, $3, $4)
     ON CONFLICT (organizer_id, user_id) DO NOTHING RETURNING id`,
    [nextId(), tenantId, organizerId, userId],
  );
  const [member] = await sql.query<{ id: string; status: string }>(
    'SELECT id, status FROM identity."Member" WHERE organizer_id = $1 AND user_id = $2 FOR NO KEY UPDATE',
    [organizerId, userId],
  );
  if (member?.status !== 'ACTIVE') throw new Problem(organizationErrors.member_suspended);
  await joinPlace(writer, organizerId, { userId, merchantId, roleId });
  await audit.record(sql, {
    ...by,
    action: made ? 'member.added' : 'member.changed',
    subject: { type: 'member', id: member.id },
    tenantId,
    after: { organizerId, userId, merchantId, roleId },
  });
  return member.id;
}

/** The two rows that a place is: being there, and a role. */
export async function joinPlace(
  writer: Pick<PolicyWriter, 'give'>,
  organizerId: string,
  { userId, merchantId, roleId }: Place,
): Promise<void> {
  const user = { subjectType: 'User', subjectId: userId };
  const target = merchantId === null ? ['Organizer', organizerId] : ['Merchant', merchantId];
  const [targetType, targetId] = target as [string, string];
  await writer.give({ variant: 'join_domain', ...user, targetType, targetId });
  const domain = `${targetType}_${targetId}`;
  await writer.give({ variant: 'assign_role', ...user, targetType: 'Role', targetId: roleId, domain });
}
