import { type Audit, acting, type By } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { Problem } from '../errors/problem.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import { type Administrator, OWNER_ROLE, type WritePolicies } from '../policies/index.js';
import { addMember } from './add-member.js';
import { organizationErrors } from './errors.js';
import { ORGANIZER, type Organizer, type PlaceChange } from './organizer.js';
import type { Scope } from './scope.js';
import type { UpdatePlace } from './update-place.js';

export interface Organizers {
  /** Those that somebody administers, by id. */
  list(administrator: Administrator, page: PageQuery): Promise<Page<Organizer>>;
  find(scope: Scope): Promise<Organizer>;
  /**
   * An organizer, its own tenant, with its first owner.
   * @throws Problem `organization.unknown_person` (422)
   */
  create(organizer: { name: string; ownerId: string }, by: By): Promise<Organizer>;
  /** Suspending takes everybody's rights inside, until it is active again. */
  change(scope: Scope, change: PlaceChange, by: By): Promise<Organizer>;
}

export function createOrganizers(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
  policies: Pick<WritePolicies, 'within'>;
  updatePlace: UpdatePlace;
}): Organizers {
  const { database, audit, nextId, policies, updatePlace } = options;

  return {
    async list({ domains }, { limit, cursor }) {
      const ids = domains && [...domains].flatMap((name) => /^Organizer_(.+)$/.exec(name)?.[1] ?? []);
      const rows = await database.query<Organizer>(
        `SELECT ${ORGANIZER} FROM identity.list_organizers($1, $2, $3) ORDER BY id`,
        [ids ?? null, cursor ?? null, limit + 1],
      );
      return toPage(rows, limit);
    },
    find: ({ organizerId, tenantId }) =>
      database.transaction(
        async (sql) => {
          const [found] = await sql.query<Organizer>(
            `SELECT ${ORGANIZER} FROM identity."Organizer" WHERE id = $1`,
            [organizerId],
          );
          return found as Organizer;
        },
        { tenantId },
      ),
    create({ name, ownerId }, by) {
      const scope = toOwnTenant(nextId());
      return database.transaction(
        async (sql) => {
          const [owner] = await sql.query(`SELECT FROM identity."User" WHERE id = $1 AND status = 'ACTIVE'`, [
            ownerId,
          ]);
          if (!owner) throw new Problem(organizationErrors.unknown_person);
          const [made] = await sql.query<Organizer>(
            `INSERT INTO identity."Organizer" (id, tenant_id, name) VALUES ($1, $1, $2) RETURNING ${ORGANIZER}`,
            [scope.organizerId, name],
          );
          const subject = { type: 'organizer', id: scope.organizerId } as const;
          const { tenantId } = scope;
          await audit.record(sql, {
            ...acting(by),
            action: 'organizer.created',
            subject,
            tenantId,
            after: { name, ownerId },
          });
          const [role] = await sql.query<{ id: string }>(
            'SELECT id FROM identity."Role" WHERE identifier = $1',
            [OWNER_ROLE],
          );
          const writer = await policies.within(sql, by);
          const place = { merchantId: null, roleId: role?.id ?? '' };
          await addMember(
            { audit, nextId },
            { sql, writer },
            scope,
            { userId: ownerId, ...place },
            acting(by),
          );
          return made as Organizer;
        },
        { tenantId: scope.tenantId },
      );
    },
    change: (scope, change, by) =>
      database.transaction(
        (sql) => updatePlace(sql, scope, { kind: 'organizer', id: scope.organizerId }, change, by),
        { tenantId: scope.tenantId },
      ),
  };
}

const toOwnTenant = (id: string): Scope => ({ organizerId: id, tenantId: id });
