import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { NetworkError } from '@keycloak/keycloak-admin-client';
import { Problem } from '../errors/problem.js';
import { guarded, ignoreMissing, statusOf } from './admin-client.js';
import { keycloakErrors } from './errors.js';

/** Somebody's proven e-mail address or phone number. */
export interface ProvenIdentifier {
  scheme: 'email' | 'phone';
  value: string;
}

export interface KeycloakAccounts {
  /** Who has this e-mail address in Keycloak, proven or not. */
  findByEmail(email: string): Promise<{ keycloakId: string; emailVerified: boolean } | undefined>;
  findByUsername(username: string): Promise<string | undefined>;
  /**
   * A user who can't sign in yet and has no identifier but a name of ours.
   * @throws Problem `keycloak.password_refused` (422)
   */
  createDisabled(user: { username: string; displayName: string; password: string }): Promise<string>;
  /** Gives a user what they have proven, in place of an earlier one. `taken`: somebody else has it in Keycloak. */
  attach(
    keycloakId: string,
    proven: ProvenIdentifier,
    options?: { enable?: boolean; username?: string },
  ): Promise<'done' | 'taken' | 'gone'>;
  /**
   * Takes the identifier from whoever else has it in Keycloak: an address that they never proved, a number that our
   * table says is not theirs. Returns who lost it, or `taken` for an address that somebody has proven there.
   */
  takeFromOthers(keycloakId: string, proven: ProvenIdentifier): Promise<string[] | 'taken'>;
  /** Makes this the user's phone number, or takes away the one they have; nothing for a user who is gone. */
  putPhone(keycloakId: string, phone: { value: string; verified: boolean } | null): Promise<void>;
  /** Whether somebody may sign in; nothing for a user who is gone. */
  setEnabled(keycloakId: string, enabled: boolean): Promise<void>;
  /** @throws Problem `keycloak.password_refused` (422) */
  setPassword(keycloakId: string, password: string): Promise<void>;
  /** Lifts the lock that wrong passwords set. */
  forgiveFailures(keycloakId: string): Promise<void>;
  remove(keycloakId: string): Promise<void>;
}

/** Users in Keycloak, as far as sign-up and self-service write them. */
export function createKeycloakAccounts(client: KcAdminClient, realm: string): KeycloakAccounts {
  type User = NonNullable<Awaited<ReturnType<typeof client.users.findOne>>>;

  /** Keycloak replaces the whole user: what is left out of a PUT beside `attributes` is wiped. */
  async function change(id: string, with_: (user: User) => User): Promise<'done' | 'taken' | 'gone'> {
    const user = await client.users.findOne({ realm, id });
    if (!user) return 'gone';
    try {
      await client.users.update({ realm, id }, with_(user));
      return 'done';
    } catch (error) {
      if (statusOf(error) === 409) return 'taken';
      if (statusOf(error) === 404) return 'gone';
      throw error;
    }
  }

  return {
    findByEmail: (email) =>
      guarded(async () => {
        const [user] = await client.users.find({ realm, email, exact: true, max: 1 });
        return user?.id === undefined
          ? undefined
          : { keycloakId: user.id, emailVerified: user.emailVerified === true };
      }),
    findByUsername: (username) =>
      guarded(async () => (await client.users.find({ realm, username, exact: true, max: 1 }))[0]?.id),
    createDisabled: ({ username, displayName, password }) =>
      guarded(async () => {
        const credentials = [{ type: 'password', value: password, temporary: false }];
        const made = await client.users
          .create({ realm, username, firstName: displayName, enabled: false, credentials })
          .catch(refusePassword);
        return made.id;
      }),
    attach: (id, proven, { enable = false, username } = {}) =>
      guarded(() =>
        change(id, (user) => ({
          ...withIdentifier(user, proven),
          ...(enable ? { enabled: true } : {}),
          ...(username === undefined ? {} : { username }),
        })),
      ),
    takeFromOthers: (id, { scheme, value }) =>
      guarded(async () => {
        const query = scheme === 'email' ? { email: value, exact: true } : { q: `phoneNumber:${value}` };
        const found = await client.users.find({ realm, ...query, max: 10 });
        const others = found.flatMap((user) => (user.id === undefined || user.id === id ? [] : [user]));
        if (scheme === 'email' && others.some((user) => user.emailVerified)) return 'taken';
        const without = scheme === 'email' ? withoutEmail : withoutPhone;
        for (const user of others) await change(user.id as string, without);
        return others.map((user) => user.id as string);
      }),
    putPhone: (id, phone) =>
      guarded(
        async () => void (await change(id, (user) => (phone ? withPhone(user, phone) : withoutPhone(user)))),
      ),
    setEnabled: (id, enabled) =>
      guarded(async () => void (await change(id, (user) => ({ ...user, enabled })))),
    setPassword: (id, value) =>
      guarded(() =>
        client.users
          .resetPassword({ realm, id, credential: { type: 'password', value, temporary: false } })
          .catch(refusePassword),
      ),
    forgiveFailures: (id) => guarded(() => ignoreMissing(client.attackDetection.del({ realm, id }))),
    remove: (id) => guarded(() => ignoreMissing(client.users.del({ realm, id }))),
  };
}

/** With a proven address there is nothing left to verify, and a stored VERIFY_EMAIL would outlive that. */
function withIdentifier<User extends { attributes?: Record<string, unknown>; requiredActions?: unknown[] }>(
  user: User,
  { scheme, value }: ProvenIdentifier,
): User {
  if (scheme === 'phone') return withPhone(user, { value, verified: true });
  const requiredActions = (user.requiredActions ?? []).filter((action) => action !== 'VERIFY_EMAIL');
  return { ...user, email: value, emailVerified: true, requiredActions };
}

interface Attributes {
  attributes?: Record<string, unknown>;
}

const withPhone = <User extends Attributes>(
  user: User,
  { value, verified }: { value: string; verified: boolean },
): User => ({
  ...user,
  attributes: { ...user.attributes, phoneNumber: [value], phoneNumberVerified: [String(verified)] },
});

const withoutEmail = <User>(user: User): User => ({ ...user, email: '', emailVerified: false });

function withoutPhone<User extends Attributes>(user: User): User {
  const { phoneNumber: _number, phoneNumberVerified: _verified, ...attributes } = user.attributes ?? {};
  return { ...user, attributes };
}

/** 400 with a description is how Keycloak says that a password breaks the realm's policy. */
function refusePassword(error: unknown): never {
  if (!(error instanceof NetworkError) || error.response.status !== 400) throw error;
  const { error: reason } = (error.responseData ?? {}) as { error?: string };
  throw new Problem(keycloakErrors.password_refused, {
    ...(reason ? { extensions: { reason } } : {}),
    cause: error,
  });
}
