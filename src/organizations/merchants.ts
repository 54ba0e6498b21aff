import type { Audit } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import type { WritePolicies } from '../policies/index.js';
import { MERCHANT, type Merchant, type PlaceChange } from './organizer.js';
import { counts } from './organizers.js';
import { type By, lockOrganizer, type Scope } from './scope.js';
import type { SettlePolicies } from './settle-policies.js';

/** Merchants of an organizer; each throws Problem `organization.suspended` (409) where that is suspended. */
export interface Merchants {
  /** By id. */
  list(scope: Scope, page: PageQuery): Promise<Page<Merchant>>;
  find(scope: Scope, id: string): Promise<Merchant>;
  create(scope: Scope, merchant: { name: string }, by: By): Promise<Merchant>;
  /** Suspending takes everybody's rights there, until it is active again. */
  change(scope: Scope, id: string, change: PlaceChange, by: By): Promise<Merchant>;
}

export function createMerchants(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
  policies: Pick<WritePolicies, 'within'>;
  settle: SettlePolicies;
}): Merchants {
  const { database, audit, nextId, policies, settle } = options;
  const about = ({ userId, visitor }: By, { tenantId }: Scope, id: string) =>
    ({ actor: { type: 'admin', id: userId }, visitor, tenantId, subject: { type: 'merchant', id } }) as const;

  return {
    list: ({ organizerId, tenantId }, { limit, cursor }) =>
      database.transaction(
        async (sql) => {
          const rows = await sql.query<Merchant>(
            `SELECT ${MERCHANT} FROM identity."Merchant"
             WHERE organizer_id = $1 AND ($2::text IS NULL OR id > $2) ORDER BY id LIMIT $3`,
            [organizerId, cursor ?? null, limit + 1],
          );
          return toPage(rows, limit);
        },
        { tenantId },
      ),
    find: ({ tenantId }, id) =>
      database.transaction(
        async (sql) => {
          const [found] = await sql.query<Merchant>(
            `SELECT ${MERCHANT} FROM identity."Merchant" WHERE id = $1`,
            [id],
          );
          return found as Merchant;
        },
        { tenantId },
      ),
    create: (scope, { name }, by) =>
      database.transaction(
        async (sql) => {
          await lockOrganizer(sql, scope);
          const id = nextId();
          const { organizerId, tenantId } = scope;
          const [made] = await sql.query<Merchant>(
            `INSERT INTO identity."Merchant" (id, tenant_id, organizer_id, name) VALUES ($1, $2, $3, $4)
             RETURNING ${MERCHANT}`,
            [id, tenantId, organizerId, name],
          );
          const after = { organizerId, name };
          await audit.record(sql, { ...about(by, scope, id), action: 'merchant.created', after });
          await (await policies.within(sql, by)).nest(id, organizerId);
          return made as Merchant;
        },
        { tenantId: scope.tenantId },
      ),
    change: (scope, id, change, by) =>
      database.transaction(
        async (sql) => {
          await lockOrganizer(sql, scope);
          const [before] = await sql.query<Merchant>(
            `SELECT ${MERCHANT} FROM identity."Merchant" WHERE id = $1 FOR NO KEY UPDATE`,
            [id],
          );
          const wanted = { ...(before as Merchant), ...change };
          const [after] = await sql.query<Merchant>(
            `UPDATE identity."Merchant" SET name = $2, status = $3, modified_at = now() WHERE id = $1
             RETURNING ${MERCHANT}`,
            [id, wanted.name, wanted.status],
          );
          const settled = before?.status === wanted.status ? undefined : await settle(sql, scope);
          await audit.record(sql, {
            ...about(by, scope, id),
            action: 'merchant.changed',
            before: { name: before?.name, status: before?.status },
            after: { ...change, ...(settled ? counts(settled) : {}) },
          });
          return after as Merchant;
        },
        { tenantId: scope.tenantId },
      ),
  };
}
