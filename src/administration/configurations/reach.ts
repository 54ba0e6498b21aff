import type { Sql } from '../../database/database.js';
import { merchantTenant, requireActiveMerchant } from '../../database/merchant-tenant.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { type FindAdministrator, policyErrors } from '../../policies/index.js';

/** Whose configurations somebody administers; undefined: everybody's, and the platform's. */
export type Reach = readonly string[] | undefined;

const MERCHANT = 'Merchant_';

/** @throws Problem `policy.not_administrator` (403) */
export const createFindReach =
  (findAdministrator: FindAdministrator) =>
  async (userId: string): Promise<Reach> => {
    const { domains } = await findAdministrator(userId);
    return (
      domains &&
      [...domains].filter((name) => name.startsWith(MERCHANT)).map((name) => name.slice(MERCHANT.length))
    );
  };

export type FindReach = ReturnType<typeof createFindReach>;

/** What lies outside is as if it were not there. @throws Problem `request.not_found` (404) */
export function requireWithin(reach: Reach, merchantId: string | null): void {
  if (reach === undefined || (merchantId !== null && reach.includes(merchantId))) return;
  throw new Problem(requestErrors.not_found);
}

/** For somebody's choice of whose a new one is. @throws the same, and 403 `policy.not_administrator` for the platform's */
export async function requireMerchant(sql: Sql, reach: Reach, merchantId: string | null): Promise<void> {
  if (merchantId === null) {
    if (reach !== undefined) throw new Problem(policyErrors.not_administrator);
    return;
  }
  requireWithin(reach, merchantId);
  await requireActiveMerchant(sql, merchantId);
}

/** Undefined for the platform's, and for a merchant that is not active. */
export async function tenantOf(sql: Sql, merchantId: string | null): Promise<string | undefined> {
  return merchantId === null ? undefined : merchantTenant(sql, merchantId);
}
