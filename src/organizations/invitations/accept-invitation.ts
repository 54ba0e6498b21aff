import type { Audit, By } from '../../audit/index.js';
import type { Database, Sql, Transaction } from '../../database/database.js';
import type { NextId } from '../../database/snowflake.js';
import { Problem, type ProblemKind } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { policyErrors, type WritePolicies } from '../../policies/index.js';
import { addMember } from '../add-member.js';
import { invitationErrors } from '../errors.js';
import { lockOrganizer, placeIn, type Scope } from '../scope.js';
import { hashInvitationToken, INVITATION, type Invitation } from './invitation.js';

export interface Membership {
  organizerId: string;
  merchantId: string | null;
  memberId: string;
}

/**
 * Makes the invited person a member. Once: the same person gets the same answer again, and whoever has not proven the
 * invited identifier learns of nothing.
 * @throws Problem `invitation.not_found` (404), `invitation.not_open`, `organization.suspended`,
 * `organization.member_suspended` (409)
 */
export type AcceptInvitation = (token: string, by: By) => Promise<Membership>;

/** By the right of whoever invited, as it is now: who may not give the role any more has invited nobody (0027). */
export function createAcceptInvitation(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
  policies: Pick<WritePolicies, 'within'>;
}): AcceptInvitation {
  const { database, audit, nextId, policies } = options;

  async function join(sql: Transaction, scope: Scope, invitation: Invitation, { userId, visitor }: By) {
    const { merchantId, roleId, invitedBy } = invitation;
    const by = { actor: { type: 'user', id: userId }, visitor } as const;
    await placeIn(sql, scope, merchantId);
    const memberId = await policies
      .within(sql, { userId: invitedBy, ...by })
      .then((writer) =>
        addMember({ audit, nextId }, { sql, writer }, scope, { userId, merchantId, roleId }, by),
      )
      .catch(orClosed);
    await sql.query(
      `UPDATE identity."Invitation" SET status = 'ACCEPTED', accepted_by = $2, member_id = $3, modified_at = now()
       WHERE id = $1`,
      [invitation.id, userId, memberId],
    );
    await audit.record(sql, {
      ...by,
      action: 'invitation.accepted',
      subject: { type: 'invitation', id: invitation.id },
      tenantId: scope.tenantId,
      after: { organizerId: scope.organizerId, merchantId, roleId, memberId, invitedBy },
    });
    return { organizerId: scope.organizerId, merchantId, memberId };
  }

  return async (token, by) => {
    const hash = hashInvitationToken(token);
    const [found] = await database.query<{ id: string | null; organizer_id: string; tenant_id: string }>(
      'SELECT id, organizer_id, tenant_id FROM identity.find_invitation($1)',
      [hash],
    );
    if (!found?.id) throw new Problem(invitationErrors.not_found);
    const scope = { organizerId: found.organizer_id, tenantId: found.tenant_id };
    return database.transaction(
      async (sql) => {
        const invitation = await lockFor(sql, hash, by.userId);
        const { status, memberId, acceptedBy, organizerId, merchantId } = invitation;
        if (status === 'ACCEPTED' && acceptedBy === by.userId && memberId !== null)
          return { organizerId, merchantId, memberId };
        if (status !== 'PENDING') throw new Problem(invitationErrors.not_open);
        return join(sql, scope, invitation, by);
      },
      { tenantId: scope.tenantId },
    );

    /** The organizer's row first, as everywhere; then the invitation, if it is still this token's and this person's. */
    async function lockFor(sql: Sql, tokenHash: string, userId: string) {
      await lockOrganizer(sql, scope);
      const [row] = await sql.query<Invitation & { acceptedBy: string | null }>(LOCK, [tokenHash, userId]);
      if (!row) throw new Problem(invitationErrors.not_found);
      return row;
    }
  };
}

const LOCK = `
  SELECT ${INVITATION}, accepted_by AS "acceptedBy" FROM identity."Invitation" AS invitation
  WHERE token_hash = $1 AND EXISTS (SELECT FROM identity."Identifier" AS held
    WHERE held.scheme = invitation.scheme AND held.value = invitation.value AND held.user_id = $2)
  FOR UPDATE`;

const NO_MORE: readonly ProblemKind[] = [
  policyErrors.not_administrator,
  policyErrors.more_than_held,
  requestErrors.not_found,
];

function orClosed(error: unknown): never {
  if (error instanceof Problem && NO_MORE.includes(error.kind))
    throw new Problem(invitationErrors.not_open, {
      detail: 'Whoever invited may not give this any more',
      cause: error,
    });
  throw error;
}
