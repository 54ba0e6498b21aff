import { type Audit, type AuditAction, acting, type By } from '../../audit/index.js';
import type { Database, Sql } from '../../database/database.js';
import type { NextId } from '../../database/snowflake.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { type Page, type PageQuery, toPage } from '../../http/page.js';
import type { WritePolicies } from '../../policies/index.js';
import { invitationErrors } from '../errors.js';
import { insideOrganizer, placeIn, type Scope } from '../scope.js';
import {
  hashInvitationToken,
  INVITATION,
  type Invitation,
  type NewInvitation,
  newInvitationToken,
} from './invitation.js';
import type { SendInvitation } from './send-invitation.js';

/** One spelling of an e-mail address or phone number; `served`: whether a message can reach it. */
export type ReadTarget = (identifier: NewInvitation['identifier']) => {
  identifier: { scheme: 'email' | 'phone'; value: string };
  served: boolean;
};

export interface Invitations {
  /** By id. */
  list(scope: Scope, page: PageQuery & { status?: string | undefined }): Promise<Page<Invitation>>;
  /**
   * The answer tells nothing of whether anybody has the identifier.
   * @throws Problem `invitation.exists` (409), `invitation.not_served` (422), and what giving the role would throw
   */
  create(scope: Scope, invitation: NewInvitation, by: By): Promise<Invitation>;
  /** Another token for the same invitation; the one before is dead. @throws Problem `invitation.not_open`, `too_soon` */
  resend(scope: Scope, id: string, by: By): Promise<Invitation>;
  /** @throws Problem `invitation.not_open` (409) */
  withdraw(scope: Scope, id: string, by: By): Promise<void>;
}

const MOST_SENDS = 5;

export function createInvitations(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
  policies: Pick<WritePolicies, 'within'>;
  readTarget: ReadTarget;
  send: SendInvitation;
}): Invitations {
  const { database, audit, nextId, policies, readTarget, send } = options;

  const record = (
    sql: Sql,
    { tenantId }: Scope,
    action: Extract<AuditAction, `invitation.${string}`>,
    { id, organizerId, merchantId, roleId, identifier }: Invitation,
    by: By,
  ) =>
    audit.record(sql, {
      ...acting(by),
      action,
      subject: { type: 'invitation', id },
      tenantId,
      after: { organizerId, merchantId, roleId, scheme: identifier.scheme },
    });

  return {
    list: ({ organizerId, tenantId }, { limit, cursor, status }) =>
      database.transaction(
        async (sql) => {
          const rows = await sql.query<Invitation>(
            `SELECT * FROM (SELECT ${INVITATION} FROM identity."Invitation"
               WHERE organizer_id = $1 AND ($2::text IS NULL OR id > $2)) AS one
             WHERE $4::text IS NULL OR status = $4 ORDER BY id LIMIT $3`,
            [organizerId, cursor ?? null, limit + 1, status ?? null],
          );
          return toPage(rows, limit);
        },
        { tenantId },
      ),
    create: (scope, { merchantId, roleId, identifier }, by) =>
      insideOrganizer(database, scope, async (sql) => {
        const domain = await placeIn(sql, scope, merchantId);
        await (await policies.within(sql, by)).judgeRole(roleId, domain);
        const target = readTarget(identifier);
        if (!target.served) throw new Problem(invitationErrors.not_served);
        const { scheme, value } = target.identifier;
        const key = [scope.organizerId, scheme, value, roleId, merchantId];
        await sql.query(EXPIRE, key);
        const token = newInvitationToken();
        const [made] = await sql.query<Invitation>(INSERT, [
          ...key,
          nextId(),
          scope.tenantId,
          hashInvitationToken(token),
          by.userId,
        ]);
        if (!made) throw new Problem(invitationErrors.exists);
        await record(sql, scope, 'invitation.created', made, by);
        await send(sql, made, token);
        return made;
      }),
    resend: (scope, id, by) =>
      insideOrganizer(database, scope, async (sql) => {
        const open = await lockOpen(sql, scope, id);
        const domain = await placeIn(sql, scope, open.merchantId);
        await (await policies.within(sql, by)).judgeRole(open.roleId, domain);
        const token = newInvitationToken();
        const [again] = await sql.query<Invitation>(RENEW, [
          id,
          hashInvitationToken(token),
          MOST_SENDS,
          by.userId,
        ]);
        if (!again) throw new Problem(invitationErrors.too_soon, { headers: { 'Retry-After': '60' } });
        await record(sql, scope, 'invitation.resent', again, by);
        await send(sql, again, token);
        return again;
      }),
    withdraw: (scope, id, by) =>
      insideOrganizer(database, scope, async (sql) => {
        const open = await lockOpen(sql, scope, id);
        await sql.query(
          `UPDATE identity."Invitation" SET status = 'WITHDRAWN', modified_at = now() WHERE id = $1`,
          [id],
        );
        await record(sql, scope, 'invitation.withdrawn', open, by);
      }),
  };
}

/** One that waits to be accepted, or waited too long. */
async function lockOpen(sql: Sql, { organizerId }: Scope, id: string): Promise<Invitation> {
  const [found] = await sql.query<Invitation>(
    `SELECT ${INVITATION} FROM identity."Invitation" WHERE id = $1 AND organizer_id = $2 FOR UPDATE`,
    [id, organizerId],
  );
  if (!found) throw new Problem(requestErrors.not_found);
  if (found.status !== 'PENDING' && found.status !== 'EXPIRED') throw new Problem(invitationErrors.not_open);
  return found;
}

const EXPIRE = `
  UPDATE identity."Invitation" SET status = 'EXPIRED', modified_at = now()
  WHERE organizer_id = $1 AND scheme = $2 AND value = $3 AND role_id = $4 AND merchant_id IS NOT DISTINCT FROM $5
    AND status = 'PENDING' AND expires_at < now()`;

const INSERT = `
  INSERT INTO identity."Invitation"
    (organizer_id, scheme, value, role_id, merchant_id, id, tenant_id, token_hash, invited_by)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
  ON CONFLICT (organizer_id, scheme, value, role_id, coalesce(merchant_id, '')) WHERE status = 'PENDING' DO NOTHING
  RETURNING ${INVITATION}`;

/** By whose right it is accepted is whoever sent it last. */
const RENEW = `
  UPDATE identity."Invitation" SET status = 'PENDING', token_hash = $2, sends = sends + 1, sent_at = now(),
    expires_at = now() + interval '7 days', invited_by = $4, modified_at = now()
  WHERE id = $1 AND sends < $3 AND sent_at < now() - interval '1 minute' RETURNING ${INVITATION}`;
