import type { Database } from '../database/database.js';
import type { Customer } from './customer.js';
import { customerStore } from './customer-store.js';
import type { Scope } from './scope.js';
import type { SearchQuery } from './search-query.js';

export interface CustomerPage {
  customers: Customer[];
  /** Undefined when there are too many to count while somebody waits. */
  total: number | undefined;
}

export type ListCustomers = (
  scope: Scope,
  query: SearchQuery,
  page: { limit: number; offset: number },
) => Promise<CustomerPage>;

/** A page of a merchant's customers in the order of their names, and how many there are. */
export function createListCustomers(database: Database): ListCustomers {
  return (scope, query, page) =>
    database.transaction(async (sql) => {
      const customers = await customerStore.search(sql, scope, query, page);
      const isLast = customers.length > 0 && customers.length < page.limit;
      const total = isLast ? page.offset + customers.length : await customerStore.count(sql, scope, query);
      return { customers, total };
    }, scope);
}

/** `records 0-19/57`; `*` for what is not known, or for a page that holds none (RFC 9110 §14.4). */
export function contentRange({ customers, total }: CustomerPage, offset: number): string {
  const range = customers.length === 0 ? '*' : `${offset}-${offset + customers.length - 1}`;
  return `records ${range}/${total ?? '*'}`;
}
