/** People that the timing run asks for, each once: made in bulk, with nothing that a right answer would need. */
import { randomBytes, randomInt } from 'node:crypto';
import pg from 'pg';
import { adminClient } from '../dist/embedded/seed-keycloak-people.js';

const AT_ONCE = 500;

/** Different numbers, spread so that no block of neighbours is asked for often. */
export function phoneNumbers(count) {
  const numbers = new Set();
  while (numbers.size < count) numbers.add(`+849${String(randomInt(100_000_000)).padStart(8, '0')}`);
  return [...numbers];
}

/** Rows of ours: all that asking for a code looks at. */
export async function holdPhoneNumbers(parts, phones) {
  const client = new pg.Client({ connectionString: parts.postgres.superUrl });
  await client.connect();
  await client.query(
    `WITH made AS (
       INSERT INTO identity."User" (id, keycloak_id, username, display_name, phone, phone_verified)
       SELECT 'timing-' || phone, 'timing-' || phone, 'timing-' || phone, 'Timing', phone, true
       FROM unnest($1::text[]) AS phone RETURNING id, phone)
     INSERT INTO identity."Identifier" (scheme, value, user_id) SELECT 'phone', phone, id FROM made`,
    [phones],
  );
  await client.end();
}

/** Keycloak's users by e-mail, with a password hash that costs what a real one costs and that nothing fits. */
export async function keycloakUsers(parts, emails, enabled) {
  const admin = await adminClient(parts.keycloak);
  const { realm } = parts.keycloak;
  const credentialData = await costOfAPassword(admin, realm);
  for (let start = 0; start < emails.length; start += AT_ONCE) {
    const users = emails.slice(start, start + AT_ONCE).map((email) => ({
      username: email,
      email,
      emailVerified: true,
      enabled,
      firstName: 'Timing',
      lastName: 'Timing',
      credentials: [{ type: 'password', credentialData, secretData: unknownPassword() }],
    }));
    await admin.realms.partialImport({ realm, rep: { ifResourceExists: 'SKIP', users } });
  }
}

export const emails = (kind, count) =>
  Array.from({ length: count }, () => `${kind}-${randomBytes(6).toString('hex')}@timing.test`);

async function costOfAPassword(admin, realm) {
  const [owner] = await admin.users.find({ realm, email: 'owner@demo.test', exact: true });
  const credentials = await admin.users.getCredentials({ realm, id: owner.id });
  return credentials.find(({ type }) => type === 'password').credentialData;
}

const unknownPassword = () =>
  JSON.stringify({
    value: randomBytes(32).toString('base64'),
    salt: randomBytes(16).toString('base64'),
    additionalParameters: {},
  });
