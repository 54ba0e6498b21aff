import KcAdminClient from '@keycloak/keycloak-admin-client';
import type { PartsDescription } from './parts.js';

export interface KeycloakPerson {
  email: string;
  password: string;
  firstName: string;
  lastName: string;
  phone?: string;
}

/** Makes people who can sign in at once: e-mail (and phone) proven, password set. Answers their Keycloak ids by e-mail. */
export async function seedKeycloakPeople(
  keycloak: PartsDescription['keycloak'],
  people: readonly KeycloakPerson[],
): Promise<Map<string, string>> {
  const admin = await adminClient(keycloak);
  const ids = new Map<string, string>();
  for (const person of people) {
    const [known] = await admin.users.find({ realm: keycloak.realm, username: person.email, exact: true });
    ids.set(person.email, known?.id ?? (await create(admin, keycloak.realm, person)));
  }
  return ids;
}

/** A client with all rights, by the bootstrap service account; its token lives a minute, long enough for a seed. */
export async function adminClient(keycloak: PartsDescription['keycloak']): Promise<KcAdminClient> {
  const admin = new KcAdminClient({ baseUrl: keycloak.url, realmName: 'master', timeout: 10_000 });
  await admin.auth({
    grantType: 'client_credentials',
    clientId: keycloak.adminClientId,
    clientSecret: keycloak.adminClientSecret,
  });
  return admin;
}

async function create(admin: KcAdminClient, realm: string, person: KeycloakPerson): Promise<string> {
  const { email, password, firstName, lastName, phone } = person;
  const made = await admin.users.create({
    realm,
    username: email,
    email,
    emailVerified: true,
    enabled: true,
    firstName,
    lastName,
    ...(phone ? { attributes: { phoneNumber: [phone], phoneNumberVerified: ['true'] } } : {}),
    credentials: [{ type: 'password', value: password, temporary: false }],
  });
  return made.id;
}
