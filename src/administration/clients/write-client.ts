import { type Audit, acting, type By } from '../../audit/index.js';
import type { Database, Sql } from '../../database/database.js';
import { requireActiveMerchant } from '../../database/merchant-tenant.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import type { ClientChange, ClientDraft } from './client-schema.js';
import { insertClient, type RegisteredApp, updateClient } from './client-store.js';
import { clientErrors } from './errors.js';

export interface WriteClient {
  create(draft: ClientDraft, writer: By): Promise<RegisteredApp>;
  change(id: string, change: ClientChange, writer: By): Promise<RegisteredApp>;
}

/** @param defaultClient stands for callers that name none: every call without `clientId` is its */
export function createWriteClient(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  defaultClient: string;
}): WriteClient {
  const { database, audit, defaultClient } = options;

  const tell = (sql: Sql, action: 'client.created' | 'client.changed', id: string, by: By, after: object) =>
    audit.record(sql, {
      ...acting(by),
      action,
      subject: { type: 'client', id },
      after: { ...after },
    });

  return {
    create: (draft, writer) =>
      database.transaction(async (sql) => {
        if (draft.merchantId !== null) await requireActiveMerchant(sql, draft.merchantId);
        const made = await insertClient(sql, draft);
        if (!made) throw new Problem(clientErrors.exists);
        const { id, ...after } = draft;
        await tell(sql, 'client.created', id, writer, after);
        return made;
      }),
    change: (id, change, writer) =>
      database.transaction(async (sql) => {
        if (id === defaultClient) throw new Problem(clientErrors.kept);
        const changed = await updateClient(sql, id, change);
        if (!changed) throw new Problem(requestErrors.not_found);
        await tell(sql, 'client.changed', id, writer, change);
        return changed;
      }),
  };
}
