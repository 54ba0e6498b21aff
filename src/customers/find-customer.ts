import type { Database } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import type { Customer } from './customer.js';
import { customerStore } from './customer-store.js';
import { customerErrors } from './errors.js';
import type { Scope } from './scope.js';

export type FindCustomer = (scope: Scope, id: string) => Promise<Customer>;

/** @throws Problem `customer.not_found` (404) */
export function createFindCustomer(database: Database): FindCustomer {
  return async (scope, id) => {
    const customer = await database.transaction((sql) => customerStore.find(sql, scope, id), scope);
    if (!customer) throw new Problem(customerErrors.not_found);
    return customer;
  };
}
