import { type Audit, acting, type By } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import { policyErrors } from './errors.js';
import { requireAdministratorsLeft } from './judge-write.js';
import { takeTurns } from './perform-write.js';
import type { NewPermission, NewRole, Permission, Role, RoleChange } from './role-schema.js';

/** What can be given to somebody: roles, and permissions to grant. */
export interface RoleCatalogue {
  roles(page: PageQuery): Promise<Page<Role>>;
  /** @throws Problem `policy.exists` (409) */
  createRole(role: NewRole, by: By): Promise<Role>;
  /** @throws Problem `request.not_found` (404), `policy.role_fixed`, `policy.last_administrator` (409) */
  changeRole(id: string, change: RoleChange, by: By): Promise<Role>;
  permissions(page: PageQuery): Promise<Page<Permission>>;
  /** @throws Problem `policy.exists` (409) */
  createPermission(permission: NewPermission, by: By): Promise<Permission>;
}

const ROLE = 'id, identifier, name, description, priority, status, fixed';
const PERMISSION = 'id, code, name, subject, action, scope';

export function createRoleCatalogue(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
}): RoleCatalogue {
  const { database, audit, nextId } = options;

  return {
    roles: (page) => list<Role>(database, `SELECT ${ROLE} FROM identity."Role"`, page),
    permissions: (page) =>
      list<Permission>(database, `SELECT ${PERMISSION} FROM identity."Permission"`, page),
    createRole: ({ identifier, name, description = null }, who) =>
      database.transaction(async (sql) => {
        const [made] = await sql.query<Role>(
          `INSERT INTO identity."Role" (id, identifier, name, description, priority)
           VALUES ($1, $2, $3, $4, $5) ON CONFLICT (identifier) DO NOTHING RETURNING ${ROLE}`,
          [nextId(), identifier, name, description, Number(identifier.slice(0, 3))],
        );
        if (!made) throw new Problem(policyErrors.exists);
        const subject = { type: 'role', id: made.id } as const;
        await audit.record(sql, { ...acting(who), action: 'role.created', subject, after: { ...made } });
        return made;
      }),
    changeRole: (id, change, who) =>
      database.transaction(async (sql) => {
        const [before] = await sql.query<Role>(
          `SELECT ${ROLE} FROM identity."Role" WHERE id = $1 FOR NO KEY UPDATE`,
          [id],
        );
        if (!before) throw new Problem(requestErrors.not_found);
        if (before.fixed) throw new Problem(policyErrors.role_fixed);
        const wanted = { ...before, ...change };
        const [after] = await sql.query<Role>(
          `UPDATE identity."Role" SET name = $2, description = $3, status = $4, modified_at = now()
           WHERE id = $1 RETURNING ${ROLE}`,
          [id, wanted.name, wanted.description, wanted.status],
        );
        await takeTurns(sql);
        await requireAdministratorsLeft(sql);
        const subject = { type: 'role', id } as const;
        await audit.record(sql, {
          ...acting(who),
          action: 'role.changed',
          subject,
          before: { ...before },
          after: { ...after },
        });
        return after as Role;
      }),
    createPermission: ({ code, name, subject, action, scope = null }, who) =>
      database.transaction(async (sql) => {
        const [made] = await sql.query<Permission>(
          `INSERT INTO identity."Permission" (id, code, name, subject, action, scope)
           VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (code) DO NOTHING RETURNING ${PERMISSION}`,
          [nextId(), code, name, subject, action, scope],
        );
        if (!made) throw new Problem(policyErrors.exists);
        await audit.record(sql, {
          ...acting(who),
          action: 'permission.created',
          subject: { type: 'permission', id: made.id },
          after: { ...made },
        });
        return made;
      }),
  };
}

async function list<Item extends { id: string }>(
  sql: Sql,
  select: string,
  { limit, cursor }: PageQuery,
): Promise<Page<Item>> {
  const rows = await sql.query<Item>(`${select} WHERE $1::text IS NULL OR id > $1 ORDER BY id LIMIT $2`, [
    cursor ?? null,
    limit + 1,
  ]);
  return toPage(rows, limit);
}
