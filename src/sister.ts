/**
 * `nx-identity/sister`: what a service reads that shares the database, as a role that is a member of `nx_sister`. The
 * statements and the index that answer over HTTP answer here, so there is one meaning (docs/decisions/0029). No more is
 * imported than they need.
 */
import { createMayAct } from './customer-rights.js';
import { createFindCustomer } from './customers/find-customer.js';
import { createListCustomers } from './customers/list-customers.js';
import { createFindScope } from './customers/scope.js';
import { createDatabase } from './database/database.js';
import { createPermit } from './policies/permit.js';
import { createPolicyCache } from './policies/policy-cache.js';
import { type CustomerRepository, createCustomerRepository } from './sister-customers.js';
import { createPolicyRepository, type PolicyRepository } from './sister-policies.js';

export type { Because, PermitAnswer, PermitResult } from './policies/permit.js';
export type { PolicySubject } from './policies/policy-row.js';
export type {
  CustomerAnswer,
  CustomerQuery,
  CustomerRepository,
  FoundCustomers,
} from './sister-customers.js';
export type { PolicyQuestion, PolicyRepository, TokenBearer } from './sister-policies.js';
export { SisterUnavailable } from './sister-unavailable.js';

export interface IdentityDatabase {
  policies: PolicyRepository;
  customers: CustomerRepository;
  /** Closes the connections. */
  close(): Promise<void>;
}

/**
 * Connects at the first question, and again whenever the database returns; a transaction-mode pooler may stand between.
 * @param options.url of a login that is a member of `nx_sister` @param options.poolSize connections at the most (4)
 */
export function openIdentityDatabase(options: {
  url: string;
  poolSize?: number;
  onWarning?: (what: string, error: unknown) => void;
}): IdentityDatabase {
  const { url, poolSize = 4, onWarning = () => undefined } = options;
  const logger = { warn: ({ err }: { err: unknown }, what: string) => onWarning(what, err) };
  const database = createDatabase({ url, poolSize, logger });
  const policies = createPolicyCache({ database, monotonicNow: () => performance.now() });
  const { permit, permitAll } = createPermit(policies);
  return {
    policies: createPolicyRepository(permitAll),
    customers: createCustomerRepository({
      findScope: createFindScope({ database, mayAct: createMayAct(permit) }),
      findCustomer: createFindCustomer(database),
      listCustomers: createListCustomers(database),
    }),
    close: () => database.close(),
  };
}
