import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventsOf } from '../support/audit.js';
import { sql } from '../support/database.js';
import { newId } from '../support/messages.js';
import {
  type OpenedSession,
  openSession,
  refresh,
  startListening,
  type TestService,
} from '../support/news.js';
import { admin, createPerson, realm } from '../support/people.js';
import { until } from '../support/until.js';

const suffix = randomBytes(4).toString('hex');
/** Stands for 500_owner, and for this test alone. */
const ROLE = `test-owner-${suffix}`;
const WITHIN = `test-composite-${suffix}`;

const startMapped = () =>
  startListening({ IDENTITY_KEYCLOAK_ROLES: `platform-admin=900_admin,${ROLE}=500_owner` });

let service: TestService;
beforeAll(async () => {
  const { roles } = await admin();
  await roles.create({ realm: realm(), name: ROLE });
  await roles.create({ realm: realm(), name: WITHIN });
  service = await startMapped();
});
afterAll(async () => {
  await service.stop();
  const { roles } = await admin();
  for (const name of [ROLE, WITHIN]) await roles.delByName({ realm: realm(), name });
});

/** In place of the service: two with different mappings would undo what the other does. */
async function startInstead(overrides: Record<string, string>): Promise<TestService> {
  await service.stop();
  const changed = await startListening(overrides);
  return {
    ...changed,
    async stop() {
      await changed.stop();
      service = await startMapped();
    },
  };
}

const roleNamed = async (name: string) => {
  const role = await (await admin()).roles.findOneByName({ realm: realm(), name });
  return { id: role?.id ?? '', name };
};
const give = async (id: string, name: string) =>
  (await admin()).users.addRealmRoleMappings({ realm: realm(), id, roles: [await roleNamed(name)] });
const take = async (id: string, name: string) =>
  (await admin()).users.delRealmRoleMappings({ realm: realm(), id, roles: [await roleNamed(name)] });

/** Platform roles by hand and by Keycloak, as the table has them. */
const rowsOf = async ({ userId }: OpenedSession): Promise<string[]> =>
  (
    await sql<{ row: string }>(
      `SELECT origin || ' ' || identifier AS row FROM public."PolicyDefinition"
       JOIN identity."Role" AS role ON role.id = target_id
       WHERE variant = 'assign_role' AND subject_type = 'User' AND subject_id = $1 ORDER BY 1`,
      [userId],
    )
  ).map(({ row }) => row);

const untilRowsAre = (session: OpenedSession, wanted: string[]) =>
  until(`not ${wanted.join()}`, async () => (await rowsOf(session)).join() === wanted.join());

async function arrive() {
  const person = await createPerson();
  return { person, session: await openSession(service, person) };
}

async function createGroup(members: string[]): Promise<string> {
  const { groups, users } = await admin();
  const { id } = await groups.create({ realm: realm(), name: `test-${newId()}` });
  for (const member of members) await users.addToGroup({ realm: realm(), id: member, groupId: id });
  return id;
}

test('a role that is mapped is in the token after the next refresh, and out of it when it was taken away (S9, T3)', async () => {
  const { person, session } = await arrive();
  await give(person.keycloakId, 'platform-admin');
  await untilRowsAre(session, ['keycloak 900_admin', 'seed 010_user']);
  const higher = await refresh(service, session);
  expect(higher.body.user).toBeDefined();
  const names = (roles: { identifier: string }[]) => roles.map(({ identifier }) => identifier).sort();
  const claims = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
      roles: { identifier: string }[];
    };
  expect(names(claims(higher.body.accessToken).roles)).toEqual(['010_user', '900_admin']);
  await take(person.keycloakId, 'platform-admin');
  await untilRowsAre(session, ['seed 010_user']);
  const lower = await refresh(service, higher.body);
  expect(names(claims(lower.body.accessToken).roles)).toEqual(['010_user']);
  const acts = (await eventsOf(service.infrastructure.database, session.userId)).map(({ action }) => action);
  expect(acts.filter((action) => action.startsWith('role.'))).toEqual([
    'role.assigned', // the default
    'role.assigned',
    'role.unassigned',
  ]);
});

test('rows made by hand are not touched by what Keycloak says', async () => {
  const { person, session } = await arrive();
  await sql(
    `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id)
     VALUES ($1, 'assign_role', 'User', $2, 'Role', '1')`,
    [newId(), session.userId],
  );
  await give(person.keycloakId, 'platform-admin');
  await untilRowsAre(session, ['keycloak 900_admin', 'manual 900_admin', 'seed 010_user']);
  await take(person.keycloakId, 'platform-admin');
  await untilRowsAre(session, ['manual 900_admin', 'seed 010_user']);
});

test('a role that is not mapped is nothing here', async () => {
  const { person, session } = await arrive();
  await give(person.keycloakId, WITHIN);
  await give(person.keycloakId, ROLE); // is acted on after it
  await untilRowsAre(session, ['keycloak 500_owner', 'seed 010_user']);
});

test('a role that somebody was given before they ever came is theirs from their first visit on', async () => {
  const person = await createPerson();
  await give(person.keycloakId, ROLE);
  const session = await openSession(service, person);
  await untilRowsAre(session, ['keycloak 500_owner', 'seed 010_user']);
});

test('a group’s role reaches its members, those of groups below it too, and leaves with the membership or the group (S9)', async () => {
  const [one, two] = [await arrive(), await arrive()];
  const { groups, users } = await admin();
  const id = await createGroup([one.person.keycloakId]);
  const { id: below } = await groups.createChildGroup({ realm: realm(), id }, { name: `below-${newId()}` });
  await users.addToGroup({ realm: realm(), id: two.person.keycloakId, groupId: below ?? '' });
  await groups.addRealmRoleMappings({ realm: realm(), id, roles: [await roleNamed(ROLE)] });
  for (const { session } of [one, two]) await untilRowsAre(session, ['keycloak 500_owner', 'seed 010_user']);
  await users.delFromGroup({ realm: realm(), id: one.person.keycloakId, groupId: id });
  await untilRowsAre(one.session, ['seed 010_user']);
  await groups.del({ realm: realm(), id });
  await untilRowsAre(two.session, ['seed 010_user']);
});

test('a role that holds a mapped one gives it, and no longer when it does not or is gone (S9)', async () => {
  const { person, session } = await arrive();
  await give(person.keycloakId, WITHIN);
  const { roles } = await admin();
  const [within, mapped] = [await roleNamed(WITHIN), await roleNamed(ROLE)];
  await roles.createComposite({ realm: realm(), roleId: within.id }, [mapped]);
  await untilRowsAre(session, ['keycloak 500_owner', 'seed 010_user']);
  await roles.delCompositeRoles({ realm: realm(), id: within.id }, [mapped]);
  await untilRowsAre(session, ['seed 010_user']);
  await give(person.keycloakId, ROLE);
  await untilRowsAre(session, ['keycloak 500_owner', 'seed 010_user']);
  await roles.delByName({ realm: realm(), name: ROLE });
  await untilRowsAre(session, ['seed 010_user']);
  await roles.create({ realm: realm(), name: ROLE });
});

test('a mapping that is changed is applied at the next start: to who has the role already, and to who had it by the old one', async () => {
  const [{ person, session }, other] = [await arrive(), await arrive()];
  await give(person.keycloakId, WITHIN);
  await give(other.person.keycloakId, 'platform-admin');
  await untilRowsAre(other.session, ['keycloak 900_admin', 'seed 010_user']);
  const changed = await startInstead({ IDENTITY_KEYCLOAK_ROLES: `${WITHIN}=500_owner` });
  try {
    await untilRowsAre(session, ['keycloak 500_owner', 'seed 010_user']);
    await untilRowsAre(other.session, ['seed 010_user']);
  } finally {
    await changed.stop();
  }
  await untilRowsAre(other.session, ['keycloak 900_admin', 'seed 010_user']);
});
