import { type Audit, acting, type By } from '../audit/index.js';
import type { Database, Sql, Transaction } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import { requireOwnerStays, type WritePolicies } from '../policies/index.js';
import { changePlace } from './change-place.js';
import { organizationErrors } from './errors.js';
import { MEMBER, type Member, type MemberChange } from './member.js';
import { insideOrganizer, placeIn, type Scope } from './scope.js';
import { forgetHeld, type SettlePolicies } from './settle-policies.js';

export interface Members {
  /** By id. @param merchantId those with a role there or above alone */
  list(scope: Scope, page: PageQuery & { merchantId?: string | undefined }): Promise<Page<Member>>;
  find(scope: Scope, id: string): Promise<Member>;
  /**
   * @throws Problem `policy.last_owner` (409), `organization.suspended`, `organization.member_suspended` (409), and what
   * writes of PolicyDefinition throw
   */
  change(scope: Scope, id: string, change: MemberChange, by: By): Promise<Member>;
  /** @throws Problem `policy.last_owner` (409) */
  remove(scope: Scope, id: string, by: By): Promise<void>;
}

interface Row {
  id: string;
  userId: string;
  status: string;
}

/** People's places in an organizer (contract §5b). What they may there is in PolicyDefinition and nowhere else. */
export function createMembers(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  policies: Pick<WritePolicies, 'within'>;
  settle: SettlePolicies;
}): Members {
  const { database, audit, policies, settle } = options;

  /** Sets the state and moves the rows that hang on it; whoever was an owner is not the last. */
  async function setStatus(sql: Transaction, scope: Scope, member: Row, status: string) {
    const requireOwnerLeft = await requireOwnerStays(sql, `Organizer_${scope.organizerId}`);
    await sql.query('UPDATE identity."Member" SET status = $2, modified_at = now() WHERE id = $1', [
      member.id,
      status,
    ]);
    const settled = await settle(sql, scope);
    await requireOwnerLeft();
    return settled;
  }

  const record = (
    sql: Sql,
    scope: Scope,
    member: Row,
    by: By,
    entry: { action: 'member.changed' | 'member.removed'; before: object; after?: object },
  ) =>
    audit.record(sql, {
      ...acting(by),
      subject: { type: 'member', id: member.id },
      tenantId: scope.tenantId,
      action: entry.action,
      before: { userId: member.userId, ...entry.before },
      ...(entry.after ? { after: { ...entry.after } } : {}),
    });

  const writing = <Result>(scope: Scope, id: string, work: (sql: Transaction, row: Row) => Promise<Result>) =>
    insideOrganizer(database, scope, async (sql) => work(sql, await lockMember(sql, scope, id)));

  return {
    list: (scope, { limit, cursor, merchantId }) =>
      database.transaction(
        async (sql) => {
          if (merchantId !== undefined) await placeIn(sql, scope, merchantId);
          const rows = await sql.query<Member>(LIST, [
            scope.organizerId,
            cursor ?? null,
            limit + 1,
            merchantId === undefined ? null : `Merchant_${merchantId}`,
          ]);
          return toPage(rows, limit);
        },
        { tenantId: scope.tenantId },
      ),
    find: (scope, id) => database.transaction((sql) => find(sql, id), { tenantId: scope.tenantId }),
    change: (scope, id, change, by) =>
      writing(scope, id, async (sql, member) => {
        if ('status' in change) {
          const settled = await setStatus(sql, scope, member, change.status);
          await record(sql, scope, member, by, {
            action: 'member.changed',
            before: { status: member.status },
            after: { status: change.status, ...settled },
          });
        } else {
          if (member.status !== 'ACTIVE') throw new Problem(organizationErrors.member_suspended);
          const { merchantId, roleIds } = change;
          await placeIn(sql, scope, merchantId);
          const writer = await policies.within(sql, by);
          const place = { organizerId: scope.organizerId, userId: member.userId, merchantId };
          const before = await changePlace({ sql, writer }, place, roleIds);
          await record(sql, scope, member, by, {
            action: 'member.changed',
            before: { merchantId, roleIds: before },
            after: { merchantId, roleIds },
          });
        }
        return find(sql, id);
      }),
    remove: (scope, id, by) =>
      writing(scope, id, async (sql, member) => {
        const { taken } = await setStatus(sql, scope, member, 'SUSPENDED');
        await forgetHeld(sql, scope, member.userId);
        await sql.query('DELETE FROM identity."Member" WHERE id = $1', [id]);
        const before = { status: member.status, organizerId: scope.organizerId, taken };
        await record(sql, scope, member, by, { action: 'member.removed', before });
      }),
  };
}

async function find(sql: Sql, id: string): Promise<Member> {
  const [found] = await sql.query<Member>(
    `SELECT ${MEMBER} FROM identity."Member" AS member JOIN identity."User" AS person ON person.id = member.user_id
     WHERE member.id = $1`,
    [id],
  );
  if (!found) throw new Problem(requestErrors.not_found);
  return found;
}

async function lockMember(sql: Sql, { organizerId }: Scope, id: string): Promise<Row> {
  const [row] = await sql.query<Row>(
    `SELECT id, user_id AS "userId", status FROM identity."Member" WHERE id = $1 AND organizer_id = $2 FOR UPDATE`,
    [id, organizerId],
  );
  if (!row) throw new Problem(requestErrors.not_found);
  return row;
}

const LIST = `
  SELECT ${MEMBER} FROM identity."Member" AS member JOIN identity."User" AS person ON person.id = member.user_id
  WHERE member.organizer_id = $1 AND ($2::text IS NULL OR member.id > $2)
    AND ($4::text IS NULL OR EXISTS (SELECT FROM public."PolicyDefinition" AS held
      WHERE held.variant IN ('assign_role', 'group', 'join_domain') AND held.subject_type = 'User'
        AND held.subject_id = member.user_id AND coalesce(nullif(held.domain_type, '') || '_' || held.domain_id,
          held.domain, held.target_type || '_' || held.target_id) IN ($4, 'Organizer_' || $1)))
  ORDER BY member.id LIMIT $3`;
