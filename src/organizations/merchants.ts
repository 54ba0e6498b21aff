import { type Audit, acting, type By } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import type { WritePolicies } from '../policies/index.js';
import { MERCHANT, type Merchant, type PlaceChange } from './organizer.js';
import { insideOrganizer, type Scope } from './scope.js';
import type { UpdatePlace } from './update-place.js';

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
  updatePlace: UpdatePlace;
}): Merchants {
  const { database, audit, nextId, policies, updatePlace } = options;

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
      insideOrganizer(database, scope, async (sql) => {
        const id = nextId();
        const { organizerId, tenantId } = scope;
        const [made] = await sql.query<Merchant>(
          `INSERT INTO identity."Merchant" (id, tenant_id, organizer_id, name) VALUES ($1, $2, $3, $4)
           RETURNING ${MERCHANT}`,
          [id, tenantId, organizerId, name],
        );
        await audit.record(sql, {
          ...acting(by),
          action: 'merchant.created',
          subject: { type: 'merchant', id },
          tenantId,
          after: { organizerId, name },
        });
        await (await policies.within(sql, by)).nest(id, organizerId);
        return made as Merchant;
      }),
    change: (scope, id, change, by) =>
      insideOrganizer(database, scope, (sql) =>
        updatePlace(sql, scope, { kind: 'merchant', id }, change, by),
      ),
  };
}
