import type { Database } from '../database/database.js';
import { type CustomerPage, customerStore, type Page } from './customer-store.js';
import type { Scope } from './scope.js';
import type { SearchQuery } from './search-query.js';

export type ListCustomers = (scope: Scope, query: SearchQuery, page: Page) => Promise<CustomerPage>;

/** A page of a merchant's customers, and how many there are. */
export const createListCustomers =
  (database: Database): ListCustomers =>
  (scope, query, page) =>
    database.transaction((sql) => customerStore.search(sql, scope, query, page), scope);

/** `records 0-19/57`; `*` for what is not known, or for a page that holds none (RFC 9110 §14.4). */
export function contentRange({ customers, total }: CustomerPage, offset: number): string {
  const range = customers.length === 0 ? '*' : `${offset}-${offset + customers.length - 1}`;
  return `records ${range}/${total ?? '*'}`;
}
