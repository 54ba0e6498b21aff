import type pg from 'pg';
import { createSecretHasher } from '../src/services/index.js';
import { DEMO_MERCHANTS, DEMO_SERVICE } from './demo-data.js';

/** The demo's sister service with its secret and its grants; what is there already stays as it is. */
export async function seedDemoService(client: pg.Client): Promise<void> {
  const { id, credentialId, name, secret, calls, merchantCalls } = DEMO_SERVICE;
  await client.query(
    `INSERT INTO identity."Service" (id, name, description, default_audience_id) VALUES ($1, $2, 'The demo', $1)
     ON CONFLICT DO NOTHING`,
    [id, name],
  );
  const hash = await createSecretHasher({ parallel: 1, waiting: 1 }).hash(secret);
  await client.query(
    `INSERT INTO identity."ServiceCredential" (id, service_id, secret_hash) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING`,
    [credentialId, id, hash],
  );
  const grants = [
    ...calls.map((call) => ({ call, merchantId: null })),
    ...merchantCalls.flatMap((call) => DEMO_MERCHANTS.map(({ id: merchantId }) => ({ call, merchantId }))),
  ];
  for (const { call, merchantId } of grants) {
    await client.query(
      `INSERT INTO identity."ServiceGrant" (id, service_id, call, merchant_id) VALUES ($1, $2, $3, $4)
       ON CONFLICT DO NOTHING`,
      [`demo-grant-${call}-${merchantId ?? 'none'}`, id, call, merchantId],
    );
  }
}
