import { acting } from './audit/index.js';
import type { AuditTrail } from './compose-audit.js';
import type { Policies } from './compose-policies.js';
import type { Sessions } from './compose-sessions.js';
import type { Route } from './http/route.js';
import type { Infrastructure } from './infrastructure.js';
import { createRelayStandings, createUserDirectory, userRoutes } from './people/index.js';
import { requireAdministratorsLeft, requirePlatform, takeTurns } from './policies/index.js';

/** Wires people as administrators of the platform see them (contract §5b). */
export function composeUsers(
  { database, accounts, logger }: Infrastructure,
  parts: {
    trail: Pick<AuditTrail, 'audit'>;
    policies: Pick<Policies, 'findAdministrator'>;
    sessions: Pick<Sessions, 'endSessions'>;
  },
): Route[] {
  const { endSessions } = parts.sessions;
  const relayStandings = createRelayStandings({ database, keycloak: accounts });
  return userRoutes({
    users: createUserDirectory({
      database,
      audit: parts.trail.audit,
      endSessions: (sql, userId, by) => endSessions.endAllWithin(sql, userId, 'ended_by_admin', acting(by)),
      async requireAdministratorsLeft(sql) {
        await takeTurns(sql);
        await requireAdministratorsLeft(sql);
      },
      async onStandingDue() {
        await relayStandings().catch((error: unknown) =>
          logger.warn({ err: error }, 'who was suspended here waits for Keycloak'),
        );
      },
    }),
    async requirePlatform({ userId }) {
      requirePlatform(await parts.policies.findAdministrator(userId));
    },
  });
}
