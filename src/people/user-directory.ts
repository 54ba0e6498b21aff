import { type Audit, acting, type By } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import { userErrors } from './errors.js';
import { type Identifier, normalizeIdentifier } from './identifier.js';
import { USER, type User, type UserStatus } from './user.js';

export interface UserDirectory {
  /** By id, or whoever has this identifier in any spelling. */
  list(filter: PageQuery & { identifier?: Identifier | undefined }, by: By): Promise<Page<User>>;
  /** @throws Problem `request.not_found` (404) */
  find(id: string, by: By): Promise<User>;
  /**
   * Suspends somebody: nothing of theirs goes on, here or in Keycloak; or lets them back in.
   * @throws Problem `request.not_found` (404), `user.deleted`, `policy.last_administrator` (409)
   */
  setStatus(id: string, status: UserStatus, by: By): Promise<User>;
}

/**
 * People, for administrators of the platform (contract §5b); what they look at is audited too.
 * @param endSessions of a person, in the transaction that suspends them
 * @param requireAdministratorsLeft refuses when the last administrator would be gone; writers of rights take turns by then
 * @param onStandingDue Keycloak has to hear of it; what fails is left to the worker
 */
export function createUserDirectory(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  endSessions: (sql: Sql, userId: string, by: By) => Promise<void>;
  requireAdministratorsLeft: (sql: Sql) => Promise<void>;
  onStandingDue: () => Promise<void>;
}): UserDirectory {
  const { database, audit, endSessions, requireAdministratorsLeft, onStandingDue } = options;

  return {
    async list({ identifier, limit, cursor }, by) {
      const wanted = identifier && normalizeIdentifier(identifier);
      const column = wanted ? `${wanted.scheme} = $3` : '$3::text IS NULL';
      const rows = await database.query<User>(
        `SELECT ${USER} FROM identity."User" WHERE ($1::text IS NULL OR id > $1) AND ${column} ORDER BY id LIMIT $2`,
        [cursor ?? null, limit + 1, wanted?.value ?? null],
      );
      const page = toPage(rows, limit);
      const [only] = rows.length === 1 ? rows : [];
      await audit.record(database, {
        ...acting(by),
        action: 'user.read',
        ...(only ? { subject: { type: 'user', id: only.id } } : {}),
        after: { by: identifier?.scheme ?? 'page', found: page.items.length },
      });
      return page;
    },
    async find(id, by) {
      const [user] = await database.query<User>(`SELECT ${USER} FROM identity."User" WHERE id = $1`, [id]);
      if (!user) throw new Problem(requestErrors.not_found);
      await audit.record(database, { ...acting(by), action: 'user.read', subject: { type: 'user', id } });
      return user;
    },
    async setStatus(id, status, by) {
      const user = await database.transaction(async (sql) => {
        const [before] = await sql.query<{ status: string }>(
          'SELECT status FROM identity."User" WHERE id = $1 FOR NO KEY UPDATE',
          [id],
        );
        if (!before) throw new Problem(requestErrors.not_found);
        if (before.status === 'DELETED') throw new Problem(userErrors.deleted);
        const [after] = await sql.query<User>(
          `UPDATE identity."User" SET status = $2, standing_due_at = now(), modified_at = now() WHERE id = $1
           RETURNING ${USER}`,
          [id, status],
        );
        if (status === 'SUSPENDED') {
          await requireAdministratorsLeft(sql);
          await endSessions(sql, id, by);
        }
        await audit.record(sql, {
          ...acting(by),
          action: status === 'SUSPENDED' ? 'user.suspended' : 'user.enabled',
          subject: { type: 'user', id },
          before: { status: before.status },
          after: { status },
        });
        return after as User;
      });
      await onStandingDue();
      return user;
    },
  };
}
