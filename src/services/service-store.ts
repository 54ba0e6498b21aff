import type { Database } from '../database/database.js';
import type { ProvenService, ServiceGrant } from './service.js';

export interface RoleOfService {
  id: string;
  identifier: string;
  priority: number;
}

export interface StoredService {
  id: string;
  name: string;
  grants: ServiceGrant[];
  /** Neither revoked nor expired, two at most; `expiresInMs` null when it never expires. */
  credentials: { id: string; hash: string; expiresInMs: number | null; status: ProvenService['status'] }[];
}

export interface ServiceStore {
  /** An active service by name, with what it may prove itself by. */
  find(name: string): Promise<StoredService | undefined>;
  /** Writes down that a credential was used, once a minute at most. */
  noteUse(credentialId: string): Promise<void>;
  /** What a system token says of a service: its roles now, and the audience it has when it names none. */
  describe(serviceId: string): Promise<{ roles: RoleOfService[]; defaultAudience: string | null }>;
  isRegistered(name: string): Promise<boolean>;
}

const FIND = `
  SELECT service.id, service.name,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('call', call, 'merchantId', merchant_id)
       ORDER BY call, merchant_id), '[]')
     FROM identity."ServiceGrant" WHERE service_id = service.id) AS grants,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'hash', secret_hash,
       'expiresInMs', floor(extract(epoch FROM expires_at - now()) * 1000),
       'status', CASE WHEN status_list IS NOT NULL
         THEN jsonb_build_object('list', status_list, 'idx', status_idx) END) ORDER BY created_at DESC), '[]')
     FROM identity."ServiceCredential"
     WHERE service_id = service.id AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())) AS credentials
  FROM identity."Service" AS service WHERE service.name = $1 AND service.status = 'ACTIVE'`;

export function createServiceStore(database: Database): ServiceStore {
  return {
    async find(name) {
      const [service] = await database.query<StoredService>(FIND, [name]);
      return service;
    },
    async noteUse(credentialId) {
      await database.query(
        `UPDATE identity."ServiceCredential" SET last_used_at = now()
         WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')`,
        [credentialId],
      );
    },
    async describe(serviceId) {
      const [row] = await database.query<{ roles: RoleOfService[]; audience: string | null }>(
        `SELECT identity.service_roles(service.id) AS roles, audience.name AS audience
         FROM identity."Service" AS service LEFT JOIN identity."Service" AS audience
           ON audience.id = service.default_audience_id AND audience.status = 'ACTIVE'
         WHERE service.id = $1`,
        [serviceId],
      );
      return { roles: row?.roles ?? [], defaultAudience: row?.audience ?? null };
    },
    async isRegistered(name) {
      const found = await database.query(
        `SELECT FROM identity."Service" WHERE name = $1 AND status = 'ACTIVE'`,
        [name],
      );
      return found.length > 0;
    },
  };
}
