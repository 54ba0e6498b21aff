import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { Sql } from './database.js';

/**
 * The tenant that a merchant's rows are under, whoever asks: who may see the merchant is not yet known where the tenant is
 * wanted (D12). Undefined for one that is unknown or not active.
 */
export async function merchantTenant(sql: Sql, merchantId: string): Promise<string | undefined> {
  const [row] = await sql.query<{ tenant: string | null }>('SELECT identity.merchant_tenant($1) AS tenant', [
    merchantId,
  ]);
  return row?.tenant ?? undefined;
}

/** @throws Problem `request.not_found` (404) for a merchant that is unknown or not active */
export async function requireActiveMerchant(sql: Sql, merchantId: string): Promise<void> {
  if (!(await merchantTenant(sql, merchantId))) throw new Problem(requestErrors.not_found);
}
