import pg from 'pg';
import { createSecretHasher } from '../src/services/index.js';
import type { PartsDescription } from './parts.js';

/** As keycloak/README.md has an operator make it. */
const BRIDGE = {
  id: '290000000000000050',
  name: 'keycloak-bridge',
  calls: ['otp.start', 'otp.verify', 'mail', 'keycloak.events'],
};

/** Lets the bridge in this Keycloak make its calls, with the secret that Keycloak is given. */
export async function registerBridge({ postgres, keycloak }: PartsDescription): Promise<void> {
  if (!keycloak.bridgeSecret) return; // a Keycloak of the person's own
  const { id, name, calls } = BRIDGE;
  const hash = await createSecretHasher({ parallel: 1, waiting: 1 }).hash(keycloak.bridgeSecret);
  const client = new pg.Client({ connectionString: postgres.ownerUrl, connectionTimeoutMillis: 5000 });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `INSERT INTO identity."Service" (id, name, description) VALUES ($1, $2, 'The bridge in Keycloak') ON CONFLICT DO NOTHING`,
      [id, name],
    );
    await client.query(
      `INSERT INTO identity."ServiceCredential" (id, service_id, secret_hash) VALUES ($1, $1, $2)
       ON CONFLICT (id) DO UPDATE SET secret_hash = excluded.secret_hash`,
      [id, hash],
    );
    await client.query(
      `INSERT INTO identity."ServiceGrant" (id, service_id, call)
       SELECT $1::text || '-' || call, $1::text, call FROM unnest($2::text[]) AS call ON CONFLICT DO NOTHING`,
      [id, calls],
    );
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
