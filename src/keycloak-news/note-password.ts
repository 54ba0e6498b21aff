import { type Audit, KEYCLOAK } from '../audit/index.js';
import type { Transaction } from '../database/database.js';
import type { SpendOnce } from '../database/spend-once.js';
import type { Visitor } from '../http/route.js';
import { endDevices } from '../people/index.js';

/** Seconds: longer than news is tried again. */
const REMEMBERED_S = 7 * 24 * 3600;

/** What a password that was changed in Keycloak means here, in the caller's transaction; once for one event. */
export type NotePassword = (sql: Transaction, userId: string, visitor: Visitor) => Promise<void>;

/**
 * The devices known by the old password end, the trail has a line, and the person is told (S11), whoever changed it: they
 * themselves on Keycloak's page, or an administrator.
 * @param notify as of a change through the API
 */
export function createNotePassword(options: {
  spendOnce: SpendOnce;
  audit: Pick<Audit, 'record'>;
  notify(sql: Transaction, notice: { userId: string; event: 'password-changed' }): Promise<void>;
}): NotePassword {
  const { spendOnce, audit, notify } = options;
  return async (sql, userId, visitor) => {
    await endDevices(sql, userId);
    if (!(await spendOnce(sql, 'password-news', visitor.requestId, REMEMBERED_S))) return;
    const subject = { type: 'user', id: userId } as const;
    await audit.record(sql, {
      actor: KEYCLOAK,
      action: 'user.password_changed',
      subject,
      after: { by: 'keycloak' },
      visitor,
    });
    await notify(sql, { userId, event: 'password-changed' });
  };
}
