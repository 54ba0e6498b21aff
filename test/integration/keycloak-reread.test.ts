import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import { loadConfig } from '../../src/config/config.js';
import { purgeExpired } from '../../src/database/purge-expired.js';
import { createInfrastructure, type Infrastructure } from '../../src/infrastructure.js';
import { addNews, createRereadEvents } from '../../src/keycloak-news/index.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { testParts } from '../parts.js';
import { databaseAs } from '../support/audit.js';
import { sql } from '../support/database.js';
import { keycloakSql } from '../support/keycloak-outbox.js';
import { eventsAbout } from '../support/news.js';
import { admin, createPerson, realm } from '../support/people.js';

let infrastructure: Infrastructure;
beforeEach(async () => {
  await sql('DELETE FROM identity."KeycloakEventCursor"');
  const config = loadConfig({ ...serviceEnvironment(testParts()), LOG_LEVEL: 'silent' });
  infrastructure = createInfrastructure(config, createLogger({ level: 'silent' }));
});
afterEach(() => infrastructure.close());

const reader = (database = infrastructure.database, events = infrastructure.storedEvents) =>
  createRereadEvents({ database, realm: realm(), events, addNews });
const cursor = async () => {
  const [row] = await sql<{ read_until: Date }>('SELECT read_until FROM identity."KeycloakEventCursor"');
  return row?.read_until.getTime() ?? 0;
};

/** An event whose transaction commits now, though it happened so long ago. */
async function commitLate(path: string, agoMs: number): Promise<string> {
  const id = randomUUID();
  await keycloakSql(
    `INSERT INTO admin_event_entity (id, admin_event_time, realm_id, operation_type, resource_type, resource_path,
       auth_realm_id, auth_client_id, auth_user_id)
     SELECT $1, $2, id, 'ACTION', 'USER', $3, id, 'a', 'b' FROM realm WHERE name = $4`,
    [id, Date.now() - agoMs, path, realm()],
  );
  return id;
}

test('what the outbox never brought is found in Keycloak’s own events, by the worker’s rights alone (D5)', async () => {
  const worker = databaseAs('nx_worker');
  await reader(worker)();
  const person = await createPerson();
  await (await admin()).users.logout({ realm: realm(), id: person.keycloakId });
  const path = `users/${person.keycloakId}/logout`;
  await sql('DELETE FROM identity."KeycloakEvent" WHERE path = $1', [path]);
  await reader(worker)();
  expect(await eventsAbout(path)).toMatchObject([{ type: 'ADMIN.ACTION', path }]);
  await worker.close();
});

test('of two writers the one that began first may commit last: no event is missed, and none is taken twice (D7)', async () => {
  const [early, late] = [`users/${randomUUID()}/logout`, `users/${randomUUID()}/logout`];
  await reader()();
  await commitLate(late, 0);
  await reader()();
  const until = await cursor();
  expect(await eventsAbout(late)).toHaveLength(1);
  await commitLate(early, 240_000); // five minutes are the longest that a transaction of Keycloak's lives
  await reader()();
  expect(await eventsAbout(early)).toHaveLength(1);
  expect(await eventsAbout(late)).toHaveLength(1);
  expect(await cursor()).toBe(until);
});

test('more than a page of them is read to the end (D7)', async () => {
  const path = `users/${randomUUID()}/logout`;
  await reader()();
  await keycloakSql(
    `INSERT INTO admin_event_entity (id, admin_event_time, realm_id, operation_type, resource_type, resource_path,
       auth_realm_id, auth_client_id, auth_user_id)
     SELECT gen_random_uuid(), $1::bigint + n, id, 'ACTION', 'USER', $2, id, 'a', 'b'
     FROM realm, generate_series(1, 230) AS n WHERE name = $3`,
    [Date.now(), path, realm()],
  );
  await reader()();
  expect(await eventsAbout(path)).toHaveLength(230);
});

test('one worker reads at a time, and one that was killed is followed by the next (D9)', async () => {
  let readers = 0;
  const events = {
    ...infrastructure.storedEvents,
    async *ofUsers() {
      readers += 1;
      yield [];
    },
  };
  await Promise.all(Array.from({ length: 8 }, () => reader(infrastructure.database, events)()));
  const taken = readers;
  await sql(`UPDATE identity."KeycloakEventCursor" SET leased_until = now() + interval '1 minute'`);
  await reader(infrastructure.database, events)();
  expect(readers).toBe(taken);
  await sql(`UPDATE identity."KeycloakEventCursor" SET leased_until = now() - interval '1 second'`);
  await reader(infrastructure.database, events)();
  expect(readers).toBe(taken + 1);
});

test('a cursor does not move past what could not be read', async () => {
  await reader()();
  const until = await cursor();
  const events = {
    ...infrastructure.storedEvents,
    async *ofAdministrators() {
      yield [];
      throw new Error('Keycloak is away');
    },
  };
  await expect(reader(infrastructure.database, events)()).rejects.toThrow('away');
  expect(await cursor()).toBe(until);
  const path = `users/${randomUUID()}/logout`;
  await commitLate(path, 0);
  await reader()(); // the lease was given back
  expect(await eventsAbout(path)).toHaveLength(1);
});

test('what was acted on goes after a day, what was not stays (X3)', async () => {
  const [old, young, open] = [randomUUID(), randomUUID(), randomUUID()];
  await sql(
    `INSERT INTO identity."KeycloakEvent" (id, type, occurred_at, received_at, due_at, handled_at) VALUES
     ($1, 'LOGOUT', now(), now(), now(), now() - interval '25 hours'),
     ($2, 'LOGOUT', now(), now(), now(), now() - interval '23 hours'),
     ($3, 'LOGOUT', now(), now() - interval '9 days', now() + interval '1 hour', NULL)`,
    [old, young, open],
  );
  const worker = databaseAs('nx_worker');
  await purgeExpired(worker);
  await worker.close();
  const left = await sql<{ id: string }>('SELECT id FROM identity."KeycloakEvent" WHERE id = ANY($1)', [
    [old, young, open],
  ]);
  expect(left.map(({ id }) => id).sort()).toEqual([young, open].sort());
});
