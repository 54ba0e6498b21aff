import type { Database, Sql, Transaction } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { Caller } from '../http/route.js';
import { type Administrator, type FindAdministrator, requirePlatform } from '../policies/index.js';
import { organizationErrors } from './errors.js';

/** The organizer that a call is about; every transaction of it is opened with the tenant (D12). */
export interface Scope {
  tenantId: string;
  organizerId: string;
}

export type Kind = 'organizer' | 'merchant' | 'member' | 'invitation';

export interface FindScope {
  /** @throws Problem `policy.not_administrator` (403) for somebody who administers nothing at all */
  findAdministrator(caller: Caller): Promise<Administrator>;
  /** @throws Problem `request.role_missing` (403) for anybody but an administrator of the platform */
  platform(caller: Caller): Promise<void>;
  /**
   * The organizer that something belongs to, for an administrator of the platform and for its owner. By rights as they were
   * a second ago at most; what gives rights is judged again where it is written.
   * @throws Problem `request.not_found` (404) for what is not the caller's, as if it were not there
   */
  of(caller: Caller, kind: Kind, id: string): Promise<Scope>;
}

export function createFindScope(options: { database: Sql; findAdministrator: FindAdministrator }): FindScope {
  const { database } = options;
  const findAdministrator = ({ userId }: Caller) => options.findAdministrator(userId);
  return {
    findAdministrator,
    async platform(caller) {
      requirePlatform(await findAdministrator(caller));
    },
    async of(caller, kind, id) {
      const { domains } = await findAdministrator(caller);
      const [found] = await database.query<{ organizer_id: string | null; tenant_id: string | null }>(
        kind === 'invitation'
          ? 'SELECT organizer_id, tenant_id FROM identity.invitation_organizer($1)'
          : `SELECT organizer_id, tenant_id FROM identity.find_organizer('${kind}', $1)`,
        [id],
      );
      const { organizer_id: organizerId, tenant_id: tenantId } = found ?? {};
      if (!organizerId || !tenantId || (domains && !domains.has(`Organizer_${organizerId}`)))
        throw new Problem(requestErrors.not_found);
      return { organizerId, tenantId };
    },
  };
}

/**
 * Locks the organizer, so that what changes inside takes turns.
 * @throws Problem `organization.suspended` (409) for one that is suspended
 */
export async function lockOrganizer(sql: Sql, { organizerId }: Scope): Promise<void> {
  const [row] = await sql.query<{ status: string }>(
    'SELECT status FROM identity."Organizer" WHERE id = $1 FOR NO KEY UPDATE',
    [organizerId],
  );
  if (row?.status !== 'ACTIVE') throw new Problem(organizationErrors.suspended);
}

/** A transaction of its tenant that changes something inside it. @throws as `lockOrganizer` */
export const insideOrganizer = <Result>(
  database: Database,
  scope: Scope,
  work: (sql: Transaction) => Promise<Result>,
): Promise<Result> =>
  database.transaction(
    async (sql) => {
      await lockOrganizer(sql, scope);
      return work(sql);
    },
    { tenantId: scope.tenantId },
  );

/**
 * A merchant of this organizer that is open, as the domain that policies name; null: the organizer itself.
 * @throws Problem `request.not_found` (404), `organization.suspended` (409)
 */
export async function placeIn(sql: Sql, scope: Scope, merchantId: string | null): Promise<string> {
  if (merchantId === null) return `Organizer_${scope.organizerId}`;
  const [merchant] = await sql.query<{ status: string }>(
    'SELECT status FROM identity."Merchant" WHERE id = $1 AND organizer_id = $2',
    [merchantId, scope.organizerId],
  );
  if (!merchant) throw new Problem(requestErrors.not_found);
  if (merchant.status !== 'ACTIVE') throw new Problem(organizationErrors.suspended);
  return `Merchant_${merchantId}`;
}
