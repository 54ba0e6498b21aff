import type { Database, Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import type { Act, AuditCustomer } from './audit-customer.js';
import type { Customer, CustomerChanges } from './customer.js';
import { customerStore } from './customer-store.js';
import { permittedVersions } from './entity-tag.js';
import { customerErrors } from './errors.js';
import type { Scope } from './scope.js';
import { refuseWhenTaken } from './unique-violation.js';

export type ChangeCustomer = ReturnType<typeof createChangeCustomer>;

/** Which customer, and the `If-Match` that came with the request. */
interface Target {
  id: string;
  ifMatch: string | undefined;
}

/**
 * Changes, deletes or erases a customer in one statement each, which looks at the version too: of two who change the same
 * version one is refused.
 * @throws Problem `customer.not_found` (404), `customer.changed_meanwhile` (412); update: `…_taken` (409)
 */
export function createChangeCustomer({ database, audit }: { database: Database; audit: AuditCustomer }) {
  async function refuse(sql: Sql, scope: Scope, id: string): Promise<never> {
    const isThere = (await customerStore.find(sql, scope, id)) !== undefined;
    throw new Problem(isThere ? customerErrors.changed_meanwhile : customerErrors.not_found);
  }
  return {
    update: (act: Act, scope: Scope, { id, ifMatch }: Target, values: CustomerChanges) =>
      database
        .transaction(async (sql): Promise<Customer> => {
          const versions = permittedVersions(ifMatch);
          const customer = await customerStore.update(sql, scope, id, values, versions);
          if (!customer) return refuse(sql, scope, id);
          const changed = { fields: Object.keys(values), version: customer.version };
          await audit(sql, act, scope, 'customer.updated', { type: 'customer', id }, changed);
          return customer;
        }, scope)
        .catch(refuseWhenTaken),

    remove: (act: Act, scope: Scope, { id, ifMatch }: Target) =>
      database.transaction(async (sql) => {
        const removed = await customerStore.remove(sql, scope, id, permittedVersions(ifMatch));
        if (!removed) return refuse(sql, scope, id);
        await audit(sql, act, scope, 'customer.deleted', { type: 'customer', id });
      }, scope),

    /** X1: the row stays under its id for those who refer to it, and says nothing of anybody any more. */
    erase: (act: Act, scope: Scope, id: string) =>
      database.transaction(async (sql) => {
        const erased = await sql.query(ERASE, [id, scope.merchantId]);
        if (erased.length === 0) throw new Problem(customerErrors.not_found);
        await audit(sql, act, scope, 'customer.erased', { type: 'customer', id });
      }, scope),
  };
}

/** Deleted before or not; those that were merged into this one were the same person. */
const ERASE = `
  UPDATE identity."Customer" SET code = id, display_name = 'erased', phone = NULL, email = NULL, birthday = NULL,
    note = NULL, tags = '{}', deleted_at = coalesce(deleted_at, now()), version = version + 1, updated_at = now()
  WHERE merchant_id = $2 AND (merged_into = $1 OR id = $1) RETURNING id`;
