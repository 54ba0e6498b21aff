import type { Database } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Act, AuditCustomer } from './audit-customer.js';
import type { Customer, NewCustomer } from './customer.js';
import { CUSTOMER_COLUMNS, type CustomerRow, toCustomer } from './customer-row.js';
import { customerStore } from './customer-store.js';
import { takeKey } from './idempotency-key.js';
import type { Scope } from './scope.js';
import { refuseWhenTaken } from './unique-violation.js';

export type CreateCustomer = (
  act: Act,
  scope: Scope,
  values: NewCustomer,
  key: string | undefined,
) => Promise<Customer>;

/**
 * Makes a customer; with a key, the same request makes one customer however often it comes, and is answered with what
 * that customer is by then.
 * @throws Problem `customer.phone_taken`, `customer.code_taken` (409), `customer.key_reused` (422)
 */
export function createCreateCustomer(options: {
  database: Database;
  nextId: NextId;
  audit: AuditCustomer;
}): CreateCustomer {
  const { database, nextId, audit } = options;
  return (act, scope, values, key) =>
    database
      .transaction(async (sql) => {
        const id = nextId();
        if (key !== undefined) {
          const request = { merchantId: scope.merchantId, values };
          const made = await takeKey(sql, scope, { caller: act.caller, key, request }, id);
          if (made !== id) return findMade(sql, made);
        }
        const customer = await customerStore.insert(sql, scope, id, values);
        await audit(sql, act, scope, 'customer.created', { type: 'customer', id });
        return customer;
      }, scope)
      .catch(refuseWhenTaken);
}

/** Deleted since or not: the answer is the one that got lost. */
async function findMade(sql: Parameters<typeof takeKey>[0], id: string): Promise<Customer> {
  const [row] = await sql.query<CustomerRow>(
    `SELECT ${CUSTOMER_COLUMNS} FROM identity."Customer" WHERE id = $1`,
    [id],
  );
  return toCustomer(row as CustomerRow);
}
