import type KcAdminClient from '@keycloak/keycloak-admin-client';
import { readPerson } from './admin.js';
import { guarded, statusOf } from './admin-client.js';
import type { KeycloakProfile } from './keycloak-identity.js';

/** What Keycloak says of a person at this moment. */
export interface Standing {
  enabled: boolean;
  profile: KeycloakProfile;
  /** Names of realm roles, those by groups and composites included. */
  roles: string[];
}

export interface KeycloakStandings {
  /** Undefined: there is no such person, or no more. */
  standingOf(keycloakId: string): Promise<Standing | undefined>;
  /** Keycloak ids of a group's members, those of groups below it included; nobody when the group is gone. */
  membersOf(groupId: string): AsyncGenerator<string[]>;
  /** Keycloak ids of whoever was given this role itself, by its name or id; nobody when the role is gone. */
  holdersOf(role: { name: string } | { id: string }): AsyncGenerator<string[]>;
  /** Sessions of a person that had begun by then (seconds since 1970). */
  sessionsBegunBy(keycloakId: string, by: number): Promise<string[]>;
  /** The id of our own service account. */
  ownId(): Promise<string | undefined>;
}

const PAGE = 100;

/** Every method throws Problem `keycloak.unavailable` (503) when Keycloak does not answer as it should. */
export function createKeycloakStandings(
  client: KcAdminClient,
  { realm, clientId }: { realm: string; clientId: string },
): KeycloakStandings {
  let own: Promise<string | undefined> | undefined;

  async function* membersOf(groupId: string): AsyncGenerator<string[]> {
    const id = groupId;
    yield* pages((range) => client.groups.listMembers({ realm, id, briefRepresentation: true, ...range }));
    for (let first = 0; ; first += PAGE) {
      const below = await orNone(() =>
        client.groups.listSubGroups({ realm, parentId: id, first, max: PAGE, briefRepresentation: true }),
      );
      for (const child of below) if (child.id !== undefined) yield* membersOf(child.id);
      if (below.length < PAGE) return;
    }
  }

  return {
    membersOf,
    standingOf: (id) =>
      guarded(async () => {
        const user = await client.users.findOne({ realm, id });
        const profile = readPerson(user);
        if (!user || !profile) return undefined;
        const roles = await client.users.listCompositeRealmRoleMappings({ realm, id });
        return {
          enabled: user.enabled !== false,
          profile,
          roles: roles.flatMap(({ name }) => name ?? []),
        };
      }),
    async *holdersOf(role) {
      const name = 'name' in role ? role.name : (await orNone(() => roleNames(role.id)))[0];
      if (name === undefined) return;
      yield* pages((range) =>
        client.roles.findUsersWithRole({ realm, name, briefRepresentation: true, ...range }),
      );
    },
    sessionsBegunBy: (id, by) =>
      guarded(async () => {
        const sessions = await orNone(() => client.users.listSessions({ realm, id }));
        return sessions.flatMap((session) =>
          session.id !== undefined && (session.start ?? 0) <= by * 1000 + 999 ? [session.id] : [],
        );
      }),
    ownId() {
      own ??= guarded(async () => {
        const username = `service-account-${clientId.toLowerCase()}`;
        return (await client.users.find({ realm, username, exact: true, max: 1 }))[0]?.id;
      }).catch((error: unknown) => {
        own = undefined;
        throw error;
      });
      return own;
    },
  };

  async function roleNames(id: string): Promise<string[]> {
    const role = await client.roles.findOneById({ realm, id });
    return role?.name === undefined ? [] : [role.name];
  }
}

async function* pages(
  read: (range: { first: number; max: number }) => Promise<{ id?: string }[]>,
): AsyncGenerator<string[]> {
  for (let first = 0; ; first += PAGE) {
    const page = await orNone(() => read({ first, max: PAGE }));
    if (page.length > 0) yield page.flatMap(({ id }) => id ?? []);
    if (page.length < PAGE) return;
  }
}

/** What is gone has nobody. */
const orNone = <Item>(call: () => Promise<Item[]>): Promise<Item[]> =>
  guarded(() =>
    call().catch((error: unknown) => {
      if (statusOf(error) === 404) return [];
      throw error;
    }),
  );
