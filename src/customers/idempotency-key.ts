import { createHash } from 'node:crypto';
import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { actorOf } from './audit-customer.js';
import { customerErrors } from './errors.js';
import type { CustomerCaller, Scope } from './scope.js';

/** Who says it, which key, and which request came with it. */
export interface KeyedRequest {
  caller: CustomerCaller;
  key: string;
  request: unknown;
}

export const callerName = (caller: CustomerCaller): string => {
  const { type, id } = actorOf(caller);
  return `${type}/${id}`;
};

/**
 * Takes the key for a customer that is about to be made, in the transaction that makes it: a second request waits here
 * for the first one's end. Answers the id of the customer that the key stands for: another one when it was made before.
 * A key is the caller's own, and forgotten after 24 hours.
 * @throws Problem `customer.key_reused` (422) when it came with another request
 */
export async function takeKey(
  sql: Sql,
  { tenantId }: Scope,
  { caller, key, request }: KeyedRequest,
  customerId: string,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(request)).digest('base64url');
  const who = [tenantId, callerName(caller), key];
  const taken = await sql.query(
    `INSERT INTO identity."IdempotencyKey" AS known (tenant_id, caller, key, request_hash, customer_id)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (tenant_id, caller, key) DO UPDATE SET request_hash = excluded.request_hash,
       customer_id = excluded.customer_id, expires_at = excluded.expires_at WHERE known.expires_at <= now()
     RETURNING key`,
    [...who, hash, customerId],
  );
  if (taken.length > 0) return customerId;
  const [known] = await sql.query<{ request_hash: string; customer_id: string }>(
    `SELECT request_hash, customer_id FROM identity."IdempotencyKey"
     WHERE tenant_id = $1 AND caller = $2 AND key = $3`,
    who,
  );
  if (known?.request_hash !== hash) throw new Problem(customerErrors.key_reused);
  return known.customer_id;
}
