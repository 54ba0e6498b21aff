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

/** Rows of ours: all that asking for a code, or for an account, looks at. */
export async function holdIdentifiers(parts, scheme, values) {
  const client = new pg.Client({ connectionString: parts.postgres.superUrl });
  await client.connect();
  await client.query(
    `WITH made AS (
       INSERT INTO identity."User" (id, keycloak_id, username, display_name, ${scheme}, ${scheme}_verified, last_login_at)
       SELECT 'timing-' || value, 'timing-' || value, 'timing-' || value, 'Timing', value, true, now()
       FROM unnest($1::text[]) AS value RETURNING id, ${scheme} AS value)
     INSERT INTO identity."Identifier" (scheme, value, user_id) SELECT '${scheme}', value, id FROM made`,
    [values],
  );
  await client.end();
}

const FAILURES = 10;

/** Locks somebody by wrong passwords, and waits until Keycloak, which counts after its answer, says so. */
export function createLock(parts, signIn) {
  const { realm } = parts.keycloak;
  return async (email) => {
    const admin = await adminClient(parts.keycloak); // one would not outlive its first token
    const [{ id }] = await admin.users.find({ realm, email, exact: true });
    await Promise.all(Array.from({ length: FAILURES }, () => signIn(email)));
    for (let tries = 0; tries < 100; tries += 1) {
      const { numFailures, disabled } = await admin.attackDetection.findOne({ realm, id });
      if (disabled && numFailures >= FAILURES) return;
      if (tries % 10 === 9) await signIn(email); // a pause between quick failures is not the lock
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error(`${email} could not be locked`);
  };
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
