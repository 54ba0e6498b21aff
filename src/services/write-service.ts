import { type Audit, type AuditAction, acting, type By } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import { requireActiveMerchant } from '../database/merchant-tenant.js';
import type { NextId } from '../database/snowflake.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { registrationErrors } from './errors.js';
import {
  findService,
  findServiceId,
  insertService,
  lockService,
  type RegisteredService,
  updateService,
} from './registered-services.js';
import type { GrantDraft, ServiceChange, ServiceDraft } from './service-schema.js';

export interface WriteServiceOptions {
  database: Database;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
}

export interface WriteService {
  create(draft: ServiceDraft, writer: By): Promise<RegisteredService>;
  change(id: string, change: ServiceChange, writer: By): Promise<RegisteredService>;
  /** What the service may call, at once; a right secret that is remembered goes on for ten seconds with what it had. */
  grant(id: string, grant: GrantDraft, writer: By): Promise<RegisteredService>;
  withdraw(id: string, grantId: string, writer: By): Promise<void>;
}

/** Writes what `Problem`s refuse: `service.*`, or `request.not_found` (404) for what is not there. */
export function createWriteService({ database, audit, nextId }: WriteServiceOptions): WriteService {
  const tell = createTellOfService(audit);

  async function audienceOf(sql: Sql, name: string | null | undefined, own?: { id: string; name: string }) {
    if (name === null || name === undefined) return name;
    const id = own?.name === name ? own.id : await findServiceId(sql, name);
    if (id === undefined) throw new Problem(registrationErrors.unknown_audience);
    return id;
  }

  return {
    create: ({ name, description = null, defaultAudience = null }, writer) =>
      database.transaction(async (sql) => {
        const id = nextId();
        const audienceId = (await audienceOf(sql, defaultAudience, { id, name })) ?? null;
        if (!(await insertService(sql, { id, name, description, audienceId }))) {
          throw new Problem(registrationErrors.exists);
        }
        await tell(sql, 'service.created', id, writer, { name, defaultAudience });
        return (await findService(sql, id)) as RegisteredService;
      }),

    change: (id, { description, defaultAudience, status }, writer) =>
      database.transaction(async (sql) => {
        await requireService(sql, id);
        const audienceId = await audienceOf(sql, defaultAudience);
        await updateService(sql, id, { description, audienceId, status });
        await tell(sql, 'service.changed', id, writer, { description, defaultAudience, status });
        return (await findService(sql, id)) as RegisteredService;
      }),

    grant: (id, { call, merchantId }, writer) =>
      database.transaction(async (sql) => {
        await requireService(sql, id);
        if (merchantId !== null) await requireActiveMerchant(sql, merchantId);
        const made = await sql.query(
          `INSERT INTO identity."ServiceGrant" (id, service_id, call, merchant_id) VALUES ($1, $2, $3, $4)
           ON CONFLICT (service_id, call, merchant_id) DO NOTHING RETURNING id`,
          [nextId(), id, call, merchantId],
        );
        if (made.length === 0) throw new Problem(registrationErrors.grant_exists);
        await tell(sql, 'service.granted', id, writer, { call, merchantId });
        return (await findService(sql, id)) as RegisteredService;
      }),

    withdraw: (id, grantId, writer) =>
      database.transaction(async (sql) => {
        const [gone] = await sql.query<{ call: string; merchantId: string | null }>(
          `DELETE FROM identity."ServiceGrant" WHERE id = $1 AND service_id = $2
           RETURNING call, merchant_id AS "merchantId"`,
          [grantId, id],
        );
        if (!gone) throw new Problem(requestErrors.not_found);
        await tell(sql, 'service.grant_removed', id, writer, gone);
      }),
  };
}

/** Locks it until the transaction ends. @throws Problem `request.not_found` (404) */
export async function requireService(sql: Sql, id: string): Promise<void> {
  if (!(await lockService(sql, id))) throw new Problem(requestErrors.not_found);
}

export const createTellOfService =
  (audit: Pick<Audit, 'record'>) =>
  (sql: Sql, action: AuditAction, id: string, by: By, after: Record<string, unknown>): Promise<void> =>
    audit.record(sql, {
      ...acting(by),
      action,
      subject: { type: 'service', id },
      after,
    });
