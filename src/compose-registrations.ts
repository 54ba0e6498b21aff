import { clientRoutes, createWriteClient } from './administration/clients/index.js';
import type { AuditTrail } from './compose-audit.js';
import type { Policies } from './compose-policies.js';
import type { Services } from './compose-services.js';
import type { NextId } from './database/snowflake.js';
import type { Caller, Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import { requirePlatform } from './policies/index.js';
import {
  createWriteCredential,
  createWriteService,
  credentialRoutes,
  serviceRoutes,
} from './services/index.js';
import { DEFAULT_CLIENT } from './sign-in/index.js';

/** Wires what administrators of the platform register: services with their credentials, and apps. */
export function composeRegistrations(
  { database }: Pick<Infrastructure, 'database'>,
  { audit }: Pick<AuditTrail, 'audit'>,
  { hasher }: Pick<Services, 'hasher'>,
  { findAdministrator }: Pick<Policies, 'findAdministrator'>,
  nextId: NextId,
): Route[] {
  /** By what they are now, too: a token says what somebody was up to a quarter of an hour ago. */
  async function admitWriter(caller: Caller): Promise<void> {
    requirePlatform(await findAdministrator(caller.userId));
  }
  const shared = { database, audit, nextId };
  return [
    ...serviceRoutes({ sql: database, write: createWriteService(shared), admitWriter }),
    ...credentialRoutes({ sql: database, write: createWriteCredential({ ...shared, hasher }), admitWriter }),
    ...clientRoutes({
      sql: database,
      write: createWriteClient({ database, audit, defaultClient: DEFAULT_CLIENT }),
      admitWriter,
    }),
  ];
}
