import type { AuditTrail } from './compose-audit.js';
import { createMayAct } from './customer-rights.js';
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
  personalRoutes,
  transferRoutes,
} from './customers/index.js';
import type { Database } from './database/database.js';
import type { NextId } from './database/snowflake.js';
import type { Route } from './http/route.js';
import { readPhoneNumber } from './people/index.js';
import type { Permit } from './policies/index.js';

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
