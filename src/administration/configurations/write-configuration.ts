import { isDeepStrictEqual } from 'node:util';
import { type Audit, type AuditAction, acting, type By } from '../../audit/index.js';
import type { Credentials } from '../../configurations/index.js';
import type { Database, Sql } from '../../database/database.js';
import type { NextId } from '../../database/snowflake.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { findCode } from './codes.js';
import type { ConfigurationChange, ConfigurationDraft } from './configuration-schema.js';
import {
  deleteConfiguration,
  findConfiguration,
  insertConfiguration,
  type StoredConfiguration,
  updateConfiguration,
} from './configuration-store.js';
import { configurationErrors } from './errors.js';
import { requireCeiling, requireFit, requireSameReceiver } from './judge-configuration.js';
import { type Reach, requireMerchant, requireWithin, tenantOf } from './reach.js';

/** How far the administrator reaches, too. */
export interface Writer extends By {
  reach: Reach;
}

export interface WriteConfiguration {
  create(draft: ConfigurationDraft, writer: Writer): Promise<StoredConfiguration>;
  change(id: string, change: ConfigurationChange, writer: Writer): Promise<StoredConfiguration>;
  remove(id: string, writer: Writer): Promise<void>;
}

/** Each write is judged and told in the transaction that makes it. The readers see it within three seconds. */
export function createWriteConfiguration(options: {
  database: Database;
  credentials: Credentials;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
}): WriteConfiguration {
  const { database, credentials, audit, nextId } = options;

  const tell = createTell(audit);
  const seal = (place: Pick<StoredConfiguration, 'id' | 'code' | 'merchantId'>, credential: unknown) =>
    credential === null || credential === undefined
      ? null
      : credentials.seal(place, credential as Record<string, string>);

  async function own(sql: Sql, id: string, { reach }: Writer): Promise<StoredConfiguration> {
    const row = await findConfiguration(sql, id, { lock: true });
    if (!row) throw new Problem(requestErrors.not_found);
    requireWithin(reach, row.merchantId);
    return row;
  }

  return {
    create: (draft, writer) =>
      database.transaction(async (sql) => {
        const { code, merchantId, data, credential, status } = draft;
        await requireMerchant(sql, writer.reach, merchantId);
        const kind = kindOf(code);
        requireFit(kind, { merchantId, data, credential, isSet: credential != null });
        if (code === 'OTP_POLICY') await requireCeiling(sql, writer.reach, undefined, data);
        const place = { id: nextId(), code, merchantId };
        const envelope = seal(place, credential);
        const made = await insertConfiguration(sql, { ...place, data, envelope, status });
        if (!made) throw new Problem(configurationErrors.exists);
        await tell(sql, 'configuration.created', made, writer, Object.keys(data), credential);
        return made;
      }),

    change: (id, change, writer) =>
      database.transaction(async (sql) => {
        const row = await own(sql, id, writer);
        const { data = row.data, credential, status = row.status } = change;
        const kind = kindOf(row.code);
        const isSet = credential === undefined ? row.credential === 'set' : credential !== null;
        requireFit(kind, { merchantId: row.merchantId, data, credential, isSet });
        if (isSet && credential === undefined) requireSameReceiver(kind, row.data, data);
        if (row.code === 'OTP_POLICY') await requireCeiling(sql, writer.reach, row.data, data);
        const envelope = credential === undefined ? undefined : seal(row, credential);
        const changed = await updateConfiguration(sql, { id, data, status }, envelope);
        const fields = changedFields(row.data, data);
        await tell(sql, 'configuration.changed', changed, writer, fields, credential);
        return changed;
      }),

    remove: (id, writer) =>
      database.transaction(async (sql) => {
        const row = await own(sql, id, writer);
        await deleteConfiguration(sql, id);
        await tell(sql, 'configuration.removed', row, writer, []);
      }),
  };
}

/** The trail names fields, and never holds what is in them. */
function createTell(audit: Pick<Audit, 'record'>) {
  return async (
    sql: Sql,
    action: AuditAction,
    { id, code, merchantId, status }: StoredConfiguration,
    writer: Writer,
    fields: string[],
    credential?: unknown,
  ): Promise<void> => {
    const tenantId = await tenantOf(sql, merchantId);
    const written =
      credential === undefined ? {} : { credential: credential === null ? 'removed' : 'written' };
    await audit.record(sql, {
      ...acting(writer),
      action,
      subject: { type: 'configuration', id },
      ...(tenantId === undefined ? {} : { tenantId }),
      after: { code, merchantId, status, fields, ...written },
    });
  };
}

/** @throws Problem `request.validation_failed` (422) for a row that SQL has written by a code of its own */
function kindOf(code: string) {
  const kind = findCode(code);
  if (kind) return kind;
  throw new Problem(requestErrors.validation_failed, {
    errors: [{ path: 'code', message: 'There is no such code', code: 'invalid_value' }],
  });
}

function changedFields(before: unknown, after: unknown): string[] {
  const [old, now] = [before, after].map((data) => (data ?? {}) as Record<string, unknown>);
  const names = new Set([...Object.keys(old ?? {}), ...Object.keys(now ?? {})]);
  return [...names].filter((name) => !isDeepStrictEqual(old?.[name], now?.[name])).sort();
}
