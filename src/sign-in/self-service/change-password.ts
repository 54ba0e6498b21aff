import type { Audit } from '../../audit/index.js';
import type { Database } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Caller, Visitor } from '../../http/route.js';
import type { KeycloakAccounts, VerifyPassword } from '../../keycloak-gateway/index.js';
import { endDevices } from '../../people/index.js';
import type { EndSessions } from '../../sessions/index.js';
import { selfServiceErrors } from './errors.js';
import type { FindSelf } from './find-self.js';
import type { Notify } from './notify.js';

export type ChangePassword = (request: {
  caller: Caller;
  currentPassword: string;
  newPassword: string;
  visitor: Visitor;
}) => Promise<void>;

/**
 * A new password for who knows the current one (S11); the other sessions end, and the person is told.
 * @throws Problem `self_service.password_wrong` (401), `keycloak.password_refused` (422)
 */
export function createChangePassword(options: {
  database: Database;
  findSelf: FindSelf;
  verifyPassword: VerifyPassword;
  accounts: Pick<KeycloakAccounts, 'setPassword'>;
  endSessions: Pick<EndSessions, 'endOthers'>;
  audit: Pick<Audit, 'record'>;
  notify: Notify;
}): ChangePassword {
  const { database, findSelf, verifyPassword, accounts, endSessions, audit, notify } = options;
  return async ({ caller, currentPassword, newPassword, visitor }) => {
    const { userId, sessionId } = caller;
    const { keycloakId, username } = await findSelf(database, userId);
    if (!(await verifyPassword({ username, password: currentPassword, visitor })))
      throw new Problem(selfServiceErrors.password_wrong);
    await accounts.setPassword(keycloakId, newPassword);
    const actor = { type: 'user', id: userId } as const;
    await endSessions.endOthers(userId, sessionId, 'password_changed', { actor, visitor });
    await database.transaction(async (sql) => {
      await endDevices(sql, userId);
      const after = { by: 'current password' };
      await audit.record(sql, { actor, action: 'user.password_changed', subject: actor, after, visitor });
      await notify(sql, { userId, event: 'password-changed' });
    });
  };
}
