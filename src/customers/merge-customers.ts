import type { Database } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import type { Act, AuditCustomer } from './audit-customer.js';
import type { Customer, CustomerChanges } from './customer.js';
import { customerStore } from './customer-store.js';
import { customerErrors } from './errors.js';
import type { Scope } from './scope.js';

const MOST_TAGS = 20;
const LONGEST_NOTE = 2000;

export type MergeCustomers = (act: Act, scope: Scope, id: string, otherId: string) => Promise<Customer>;

/**
 * Makes one customer of two records of the same person: the first stays with its id, code and name and takes what it
 * lacks from the other, which is deleted.
 * @throws Problem `customer.not_found` (404) unless both are living customers of that merchant
 */
export function createMergeCustomers(options: { database: Database; audit: AuditCustomer }): MergeCustomers {
  const { database, audit } = options;
  return (act, scope, id, otherId) =>
    database.transaction(async (sql) => {
      const both = await customerStore.lock(sql, scope, [id, otherId]);
      const kept = both.find((customer) => customer.id === id);
      const other = both.find((customer) => customer.id === otherId);
      if (!kept || !other || kept === other) throw new Problem(customerErrors.not_found);
      await customerStore.remove(sql, scope, otherId, null, id); // first: its phone number has to be free
      await sql.query(
        'UPDATE identity."Customer" SET merged_into = $1 WHERE merged_into = $2 AND merchant_id = $3',
        [id, otherId, scope.merchantId],
      );
      const merged = await customerStore.update(sql, scope, id, union(kept, other), null);
      await audit(sql, act, scope, 'customer.merged', { type: 'customer', id }, { otherId });
      return merged as Customer;
    }, scope);
}

function union(kept: Customer, other: Customer): CustomerChanges {
  const notes = [kept.note, other.note].filter((note) => note !== null);
  return {
    phone: kept.phone ?? other.phone,
    email: kept.email ?? other.email,
    birthday: kept.birthday ?? other.birthday,
    note: notes.length === 0 ? null : [...new Set(notes)].join('\n').slice(0, LONGEST_NOTE),
    tags: [...new Set([...kept.tags, ...other.tags])].slice(0, MOST_TAGS),
  };
}
