import type { Database } from '../database/database.js';
import type { SecretHasher } from './secret-hasher.js';

/** The bridge in Keycloak, and the internal calls that it makes. */
const BRIDGE = {
  id: '290000000000000050',
  name: 'keycloak-bridge',
  description: 'The bridge in Keycloak',
  calls: ['otp.start', 'otp.verify', 'mail', 'keycloak.events'],
};

/**
 * Lets the bridge make its calls by this secret, in place of the one before; twice is harmless.
 * @param options.database as the schema's owner: the service itself registers nobody
 */
export async function registerBridge(options: {
  database: Pick<Database, 'transaction'>;
  hasher: Pick<SecretHasher, 'hash'>;
  secret: string;
}): Promise<void> {
  const { id, name, description, calls } = BRIDGE;
  const hash = await options.hasher.hash(options.secret);
  await options.database.transaction(async (sql) => {
    await sql.query(
      `INSERT INTO identity."Service" (id, name, description) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [id, name, description],
    );
    await sql.query(
      `INSERT INTO identity."ServiceCredential" (id, service_id, secret_hash) VALUES ($1, $1, $2)
       ON CONFLICT (id) DO UPDATE SET secret_hash = excluded.secret_hash`,
      [id, hash],
    );
    await sql.query(
      `INSERT INTO identity."ServiceGrant" (id, service_id, call)
       SELECT $1::text || '-' || call, $1::text, call FROM unnest($2::text[]) AS call ON CONFLICT DO NOTHING`,
      [id, calls],
    );
  });
}
