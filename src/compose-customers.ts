import type { AuditTrail } from './compose-audit.js';
import {
  createAuditCustomer,
  createChangeCustomer,
  createCreateCustomer,
  createExportCustomers,
  createFindCustomer,
  createFindScope,
  createImportCustomers,
  createListCustomers,
  createMergeCustomers,
  createReadImports,
  createReadLine,
  customerRoutes,
  type MayAct,
  personalRoutes,
  transferRoutes,
} from './customers/index.js';
import type { Database } from './database/database.js';
import type { NextId } from './database/snowflake.js';
import { isService, type Route } from './http/route.js';
import { readPhoneNumber } from './people/index.js';
import { merchantDomain, type Permit } from './policies/index.js';

/** Wires the customers of merchants (P4). */
export function composeCustomers(
  { database }: { database: Database },
  { audit }: Pick<AuditTrail, 'audit'>,
  permit: Permit,
  nextId: NextId,
): Route[] {
  const acts = { database, audit: createAuditCustomer(audit) };
  const findScope = createFindScope({ database, mayAct: createMayAct(permit) });
  const changeCustomer = createChangeCustomer(acts);
  const readPhone = readPhoneNumber;
  return [
    // Before those whose path could be theirs.
    ...transferRoutes({
      ...acts,
      findScope,
      exportCustomers: createExportCustomers(database),
      importCustomers: createImportCustomers({ ...acts, nextId, readLine: createReadLine(readPhone) }),
      readImports: createReadImports(database),
    }),
    ...customerRoutes({
      readPhone,
      findScope,
      listCustomers: createListCustomers(database),
      findCustomer: createFindCustomer(database),
      createCustomer: createCreateCustomer({ ...acts, nextId }),
      changeCustomer,
    }),
    ...personalRoutes({ findScope, mergeCustomers: createMergeCustomers(acts), changeCustomer }),
  ];
}

/** A service by a grant that names the merchant; a person by their rights there, with a branch's token in that branch alone. */
function createMayAct(permit: Permit): MayAct {
  return async (caller, merchantId, action) => {
    if (isService(caller)) {
      const call = action === 'read' ? 'customers.read' : 'customers.write';
      return caller.grants.some((grant) => grant.call === call && grant.merchantId === merchantId);
    }
    const { userId, claims } = caller;
    const branch = claims.active_branch_id;
    if (branch !== undefined && branch !== merchantId) return false;
    const question = { domain: merchantDomain(merchantId), object: 'customer', action };
    return (await permit({ type: 'User', id: userId }, question)).allowed;
  };
}
