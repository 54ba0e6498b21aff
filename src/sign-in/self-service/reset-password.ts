import type { Audit } from '../../audit/index.js';
import type { Database } from '../../database/database.js';
import type { SpendOnce } from '../../database/spend-once.js';
import { Problem } from '../../errors/problem.js';
import type { Visitor } from '../../http/route.js';
import type { KeycloakAccounts } from '../../keycloak-gateway/index.js';
import { endDevices } from '../../people/index.js';
import type { EndSessions } from '../../sessions/index.js';
import { selfServiceErrors } from './errors.js';
import type { Notify } from './notify.js';
import { RESET_TICKET_LIFE_S, type ResetTickets } from './reset-ticket.js';

const SPENT = 'reset-ticket';

export type ResetPassword = (request: {
  resetTicket: string;
  newPassword: string;
  visitor: Visitor;
}) => Promise<void>;

/**
 * A new password for whoever proved an identifier of theirs (S11). Every session ends, the lock that wrong passwords
 * set is lifted, and the person is told.
 * @throws Problem `self_service.ticket_invalid` (401), `keycloak.password_refused` (422: the ticket stays good)
 */
export function createResetPassword(options: {
  database: Database;
  spendOnce: SpendOnce;
  tickets: ResetTickets;
  accounts: Pick<KeycloakAccounts, 'setPassword' | 'forgiveFailures'>;
  endSessions: Pick<EndSessions, 'endAll'>;
  audit: Pick<Audit, 'record'>;
  notify: Notify;
}): ResetPassword {
  const { database, spendOnce, tickets, accounts, endSessions, audit, notify } = options;
  return async ({ resetTicket, newPassword, visitor }) => {
    const ticket = tickets.read(resetTicket);
    if (!ticket || !(await spendOnce(database, SPENT, ticket.id, RESET_TICKET_LIFE_S)))
      throw new Problem(selfServiceErrors.ticket_invalid);
    const { userId, keycloakId } = ticket;
    try {
      await accounts.setPassword(keycloakId, newPassword);
    } catch (error) {
      // Nothing was changed: the person may try another password, or again when Keycloak is back.
      await database.query('DELETE FROM identity."Spent" WHERE kind = $1 AND value = $2', [SPENT, ticket.id]);
      throw error;
    }
    const actor = { type: 'user', id: userId } as const;
    await endSessions.endAll(userId, 'password_reset', { actor, visitor });
    await database.transaction(async (sql) => {
      await endDevices(sql, userId);
      await audit.record(sql, {
        actor,
        action: 'user.password_changed',
        subject: actor,
        after: { by: 'code' },
        visitor,
      });
      await notify(sql, { userId, event: 'password-changed' });
    });
    await accounts.forgiveFailures(keycloakId);
  };
}
