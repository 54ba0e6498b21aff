import { randomBytes } from 'node:crypto';
import type { By } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { registrationErrors } from './errors.js';
import type { SecretHasher } from './secret-hasher.js';
import type { CredentialDraft } from './service-schema.js';
import { createTellOfService, requireService, type WriteServiceOptions } from './write-service.js';

export interface ServiceCredential {
  id: string;
  slot: number;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export interface WriteCredential {
  /** The secret is in this answer and nowhere else. */
  add(serviceId: string, draft: CredentialDraft, writer: By): Promise<ServiceCredential & { secret: string }>;
  /** Its system tokens end with it, at sisters by the status list. */
  revoke(serviceId: string, credentialId: string, writer: By): Promise<void>;
}

const COLUMNS = `id, slot, to_jsonb(created_at) #>> '{}' AS "createdAt", to_jsonb(expires_at) #>> '{}' AS "expiresAt",
  to_jsonb(last_used_at) #>> '{}' AS "lastUsedAt", to_jsonb(revoked_at) #>> '{}' AS "revokedAt"`;
/** What has expired proves nothing any more and holds no slot. */
const END_EXPIRED = `
  UPDATE identity."ServiceCredential" SET revoked_at = now()
  WHERE service_id = $1 AND revoked_at IS NULL AND expires_at <= now()`;
/** The first free slot; no row when both are taken. */
const INSERT = `
  INSERT INTO identity."ServiceCredential" (id, service_id, slot, secret_hash, expires_at)
  SELECT $1, $2, free.slot, $3, now() + make_interval(days => $4::int) FROM generate_series(1, 2) AS free (slot)
  WHERE NOT EXISTS (SELECT FROM identity."ServiceCredential" AS held
    WHERE held.service_id = $2 AND held.slot = free.slot AND held.revoked_at IS NULL)
  ORDER BY free.slot LIMIT 1 RETURNING ${COLUMNS}`;

/** The newest first, revoked ones too. @throws Problem `request.not_found` (404) */
export async function listCredentials(sql: Sql, serviceId: string): Promise<ServiceCredential[]> {
  const [service] = await sql.query('SELECT FROM identity."Service" WHERE id = $1', [serviceId]);
  if (!service) throw new Problem(requestErrors.not_found);
  return sql.query(
    `SELECT ${COLUMNS} FROM identity."ServiceCredential" WHERE service_id = $1
     ORDER BY revoked_at IS NOT NULL, created_at DESC LIMIT 50`,
    [serviceId],
  );
}

export function createWriteCredential(
  options: WriteServiceOptions & { hasher: Pick<SecretHasher, 'hash'> },
): WriteCredential {
  const { database, audit, nextId, hasher } = options;
  const tell = createTellOfService(audit);
  return {
    async add(serviceId, { expiresInDays }, writer) {
      const secret = randomBytes(32).toString('base64url');
      const hash = await hasher.hash(secret);
      return database.transaction(async (sql) => {
        await requireService(sql, serviceId);
        await sql.query(END_EXPIRED, [serviceId]);
        const values = [nextId(), serviceId, hash, expiresInDays ?? null];
        const [made] = await sql.query<ServiceCredential>(INSERT, values);
        if (!made) throw new Problem(registrationErrors.slots_taken);
        const { id: credentialId, slot, expiresAt } = made;
        await tell(sql, 'service.credential_added', serviceId, writer, { credentialId, slot, expiresAt });
        return { ...made, secret };
      });
    },
    revoke: (serviceId, credentialId, writer) =>
      database.transaction(async (sql) => {
        const [gone] = await sql.query<{ slot: number }>(
          `UPDATE identity."ServiceCredential" SET revoked_at = now()
           WHERE id = $1 AND service_id = $2 AND revoked_at IS NULL RETURNING slot`,
          [credentialId, serviceId],
        );
        if (!gone) throw new Problem(requestErrors.not_found);
        await tell(sql, 'service.credential_revoked', serviceId, writer, { credentialId, ...gone });
      }),
  };
}
