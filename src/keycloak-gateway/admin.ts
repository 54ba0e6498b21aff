import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { guarded, ignoreMissing } from './admin-client.js';
import type { KeycloakProfile } from './keycloak-identity.js';

export interface RealmTimes {
  /** Seconds. */
  idle: number;
  maximum: number;
}

export interface KeycloakAdmin {
  /** A person's profile; null for a service account and for one whom Keycloak doesn't know. */
  findPerson(keycloakId: string): Promise<KeycloakProfile | null>;
  /** Ends one session; one that is gone already counts as ended. */
  endSession(sid: string): Promise<void>;
  /** Of everybody in the realm. */
  endEverySession(): Promise<void>;
  endSessionsOf(keycloakId: string): Promise<void>;
  /** The `sid` of each session that a person has; none for one whom Keycloak doesn't know. */
  sessionsOf(keycloakId: string): Promise<string[]>;
  realmTimes(): Promise<RealmTimes>;
}

/** Every method throws Problem `keycloak.unavailable` (503) when Keycloak does not answer as it should. */
export function createKeycloakAdmin(client: KcAdminClient, realm: string): KeycloakAdmin {
  return {
    findPerson: (id) => guarded(async () => readPerson(await client.users.findOne({ id, realm }))),
    endSession: (session) =>
      guarded(() => ignoreMissing(client.realms.deleteSession({ realm, session, isOffline: false }))),
    endEverySession: () => guarded(async () => void (await client.realms.logoutAll({ realm }))),
    endSessionsOf: (id) => guarded(() => ignoreMissing(client.users.logout({ id, realm }))),
    sessionsOf: (id) =>
      guarded(async () => {
        const sessions: { id?: string }[] = [];
        await ignoreMissing(
          client.users.listSessions({ id, realm }).then((found) => sessions.push(...found)),
        );
        return sessions.flatMap(({ id: sid }) => sid ?? []);
      }),
    realmTimes: () =>
      guarded(async () => {
        const found = await client.realms.findOne({ realm });
        return { idle: found?.ssoSessionIdleTimeout ?? 0, maximum: found?.ssoSessionMaxLifespan ?? 0 };
      }),
  };
}

type KeycloakUser = NonNullable<Awaited<ReturnType<KcAdminClient['users']['findOne']>>>;

/** Null for a service account. */
export function readPerson(user: KeycloakUser | undefined): KeycloakProfile | null {
  if (!user?.username || user.serviceAccountClientId || user.username.startsWith('service-account-'))
    return null;
  const attribute = (name: string): string | null => user.attributes?.[name]?.[0] ?? null;
  const phone = attribute('phoneNumber');
  return {
    username: user.username,
    displayName: [user.firstName, user.lastName].filter(Boolean).join(' ') || user.username,
    email: user.email?.toLowerCase() ?? null,
    emailVerified: user.email !== undefined && user.emailVerified === true,
    phone,
    phoneVerified: phone !== null && attribute('phoneNumberVerified') === 'true',
  };
}
