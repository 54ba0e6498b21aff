import { z } from 'zod';
import { present } from './customers/customer-row.js';
import type { customerSchema } from './customers/customer-schema.js';
import { customerErrors } from './customers/errors.js';
import type { FindCustomer } from './customers/find-customer.js';
import type { ListCustomers } from './customers/list-customers.js';
import { listQuery } from './customers/list-query.js';
import type { FindScope } from './customers/scope.js';
import { readSearchQuery } from './customers/search-query.js';
import { Problem } from './errors/problem.js';
import type { Caller } from './http/route.js';
import { readPhoneNumber } from './people/phone-number.js';
import type { TokenBearer } from './sister-policies.js';
import { refusingWhenAway } from './sister-unavailable.js';

const customerId = z.string().regex(/^\d{1,20}$/);

export type CustomerQuery = z.input<typeof listQuery>;
/** What is not known of somebody is left out (contract §6). */
export type CustomerAnswer = z.output<typeof customerSchema>;

export interface FoundCustomers {
  /** In the order of their names, of a search those first that begin so. */
  customers: CustomerAnswer[];
  /** Undefined past 10,000, of a search past 1,000. */
  total: number | undefined;
}

/**
 * A merchant's customers, read from the database under row-level security, for a person who may read them there: the
 * answers of `GET /customers` and `GET /customers/{id}`. Undefined where those are 404: whatever the bearer may not see is
 * not there.
 */
export interface CustomerRepository {
  /** @throws SisterUnavailable (503) */
  get(identity: TokenBearer, id: string): Promise<CustomerAnswer | undefined>;
  /** @throws SisterUnavailable (503), ZodError for a query that HTTP answers with 422 */
  search(identity: TokenBearer, query: CustomerQuery): Promise<FoundCustomers | undefined>;
}

export function createCustomerRepository(options: {
  findScope: FindScope;
  findCustomer: FindCustomer;
  listCustomers: ListCustomers;
}): CustomerRepository {
  const { findScope, findCustomer, listCustomers } = options;

  async function get(caller: Caller | undefined, id: string) {
    if (!caller || !customerId.safeParse(id).success) return undefined;
    return answer(await findCustomer(await findScope.ofCustomer(caller, id, 'read'), id));
  }

  async function search(caller: Caller | undefined, asked: CustomerQuery) {
    const { merchantId, q, limit, offset } = listQuery.parse(asked);
    if (!caller) return undefined;
    const scope = await findScope.ofMerchant(caller, merchantId, 'read');
    const page = await listCustomers(scope, readSearchQuery(q, readPhoneNumber), { limit, offset });
    return { customers: page.customers.map(answer), total: page.total };
  }

  return {
    get: (identity, id) => unlessNotThere(get(callerOf(identity), id)),
    search: (identity, query) => unlessNotThere(search(callerOf(identity), query)),
  };
}

const answer = (customer: Parameters<typeof present>[0]) => present(customer) as CustomerAnswer;

/** Services' tokens name nobody: which merchants a service may act for, its grants say over HTTP. */
function callerOf({ userId, active_branch_id: branch }: TokenBearer): Caller | undefined {
  if (typeof userId !== 'string') return undefined;
  return { userId, sessionId: '', claims: branch === undefined ? {} : { active_branch_id: branch } };
}

function unlessNotThere<T>(work: Promise<T>): Promise<T | undefined> {
  return refusingWhenAway(work).catch((error: unknown) => {
    if (error instanceof Problem && error.kind === customerErrors.not_found) return undefined;
    throw error;
  });
}
