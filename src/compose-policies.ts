import type { AuditTrail } from './compose-audit.js';
import type { NextId } from './database/snowflake.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createChangeFeed,
  createDescribeSubject,
  createFindAdministrator,
  createPerformWrite,
  createPermit,
  createPolicyCache,
  createRoleCatalogue,
  createWritePolicies,
  type FindAdministrator,
  lookupRoutes,
  type OnRightsTaken,
  type Permit,
  policyRoutes,
  roleRoutes,
  type WritePolicies,
} from './policies/index.js';
import { createEmitToUser } from './redis/emit-to-user.js';
import type { Running } from './running.js';

export interface Policies {
  /** May this subject do this there? For every other part that has to know. */
  permit: Permit;
  /** Who administers what, for every other part that is administered by the same people. */
  findAdministrator: FindAdministrator;
  /** For what rights belong to, such as a member. */
  write: WritePolicies;
  routes: Route[];
  /** Whoever waits for changes is let go when it stops. */
  feed: Running;
}

/** Wires rights: what PolicyDefinition means, who may change it, and who hears of it. */
export function composePolicies(
  { database, redis, logger }: Infrastructure,
  { audit }: Pick<AuditTrail, 'audit'>,
  nextId: NextId,
  onRightsTaken: OnRightsTaken,
): Policies {
  const monotonicNow = () => performance.now();
  const policies = createPolicyCache({ database, monotonicNow });
  const { permit, permitAll } = createPermit(policies);
  const feed = createChangeFeed({ database, watch: policies.watch, monotonicNow });
  const emitToUser = createEmitToUser({ redis, logger });
  const perform = createPerformWrite({ audit, emitToUser, onRightsTaken });
  const write = createWritePolicies({ database, nextId, perform });
  const findAdministrator = createFindAdministrator(policies);
  return {
    permit,
    findAdministrator,
    write,
    routes: [
      ...policyRoutes({ database, findAdministrator, write }),
      ...roleRoutes({
        findAdministrator,
        catalogue: createRoleCatalogue({ database, audit, nextId }),
      }),
      ...lookupRoutes({
        policies,
        permitAll,
        describeSubject: createDescribeSubject({ database, policies }),
        feed,
      }),
    ],
    feed: { stop: async () => feed.stop() },
  };
}
