import type { AuditTrail } from './compose-audit.js';
import type { NextId } from './database/snowflake.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import {
  createChangeFeed,
  createDescribeSubject,
  createFindAdministrator,
  createPermit,
  createPolicyCache,
  createWritePolicies,
  type FindAdministrator,
  lookupRoutes,
  type Permit,
  policyRoutes,
} from './policies/index.js';
import { createEmitToUser } from './redis/emit-to-user.js';
import type { Running } from './running.js';
import { requireRecentSignIn } from './sign-in/index.js';

export interface Policies {
  /** May this subject do this there? For every other part that has to know. */
  permit: Permit;
  /** Who administers what, for every other part that is administered by the same people. */
  findAdministrator: FindAdministrator;
  routes: Route[];
  /** Whoever waits for changes is let go when it stops. */
  feed: Running;
}

/** Wires rights: what PolicyDefinition means, who may change it, and who hears of it. */
export function composePolicies(
  { database, redis, logger }: Infrastructure,
  { audit }: Pick<AuditTrail, 'audit'>,
  nextId: NextId,
): Policies {
  const monotonicNow = () => performance.now();
  const policies = createPolicyCache({ database, monotonicNow });
  const { permit, permitAll } = createPermit(policies);
  const feed = createChangeFeed({ database, watch: policies.watch, monotonicNow });
  const write = createWritePolicies({
    database,
    audit,
    nextId,
    emitToUser: createEmitToUser({ redis, logger }),
  });
  return {
    permit,
    findAdministrator: createFindAdministrator(policies),
    routes: [
      ...policyRoutes({
        database,
        policies,
        write,
        requireRecentSignIn: (caller) => requireRecentSignIn(caller, Date.now),
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
