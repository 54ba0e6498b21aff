import { randomInt } from 'node:crypto';
import { type Answer, BASE, post } from './call.js';
import { sql } from './database.js';
import { newId } from './messages.js';
import { createPerson, type TestPerson } from './people.js';

type Service = { url: string };

export const newPhone = (): string => `+8498${String(randomInt(10_000_000)).padStart(7, '0')}`;

/** Somebody with a proven phone number, known to Keycloak and here. */
export async function createPhonePerson(
  extra: Parameters<typeof createPerson>[0] = {},
): Promise<TestPerson & { phone: string; userId: string }> {
  const phone = newPhone();
  const attributes = { phoneNumber: [phone], phoneNumberVerified: ['true'] };
  const person = await createPerson({ ...extra, attributes });
  const userId = newId();
  await sql(
    `WITH made AS (
       INSERT INTO identity."User" (id, keycloak_id, username, display_name, email, email_verified, phone, phone_verified)
       VALUES ($1, $2, $3, 'Test', $3, true, $4, true) RETURNING id)
     INSERT INTO identity."Identifier" (scheme, value, user_id)
     SELECT scheme, value, $1 FROM (VALUES ('email', $3), ('phone', $4)) AS proven (scheme, value)`,
    [userId, person.keycloakId, person.email, phone],
  );
  return { ...person, phone, userId };
}

/** Has not been seen for so long that a number alone opens nothing any more. */
export const letGoSilent = (userId: string) =>
  sql(
    `WITH old AS (UPDATE identity."User" SET last_login_at = now() - interval '200 days' WHERE id = $1)
     UPDATE identity."Identifier" SET proven_at = now() - interval '200 days' WHERE user_id = $1`,
    [userId],
  );

export const requestCode = (
  service: Service,
  value: string,
  body: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answer> =>
  post(
    `${service.url}${BASE}/auth/otp/request`,
    { namespace: 'phone-auth', identifier: { scheme: 'phone', value }, ...body },
    headers,
  );

export const verifyCode = (
  service: Service,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  post(`${service.url}${BASE}/auth/otp/verify`, { namespace: 'phone-auth', ...body }, headers);
