import { randomBytes } from 'node:crypto';
import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { adminClient } from '../../embedded/seed-keycloak-people.js';
import { testParts } from '../parts.js';

export interface TestPerson {
  keycloakId: string;
  email: string;
  password: string;
}

type UserRepresentation = Parameters<KcAdminClient['users']['create']>[0];

/** Every right in every realm: what an administrator does in the console, tests do with this. */
export const admin = (): Promise<KcAdminClient> => adminClient(testParts().keycloak);
export const realm = (): string => testParts().keycloak.realm;

/** Somebody of this test's own, who can sign in at once. */
export async function createPerson(extra: Partial<UserRepresentation> = {}): Promise<TestPerson> {
  const name = randomBytes(6).toString('hex');
  const email = `${name}@example.test`;
  const password = `Pw-${randomBytes(9).toString('base64url')}`;
  const { id } = await (await admin()).users.create({
    realm: realm(),
    username: `user-${name}`,
    email,
    emailVerified: true,
    enabled: true,
    firstName: 'Test',
    lastName: name,
    ...extra,
    credentials: [{ type: 'password', value: password, temporary: false }, ...(extra.credentials ?? [])],
  });
  return { keycloakId: id, email, password };
}

/** An authenticator app whose key the tests know, as Keycloak stores it: a second factor for `createPerson`. */
export const TOTP_SECRET = 'a-secret-of-twenty-b';
export const TOTP_CREDENTIAL = {
  type: 'otp',
  userLabel: 'phone',
  secretData: JSON.stringify({ value: TOTP_SECRET }),
  credentialData: JSON.stringify({
    subType: 'totp',
    digits: 6,
    counter: 0,
    period: 30,
    algorithm: 'HmacSHA1',
  }),
};
