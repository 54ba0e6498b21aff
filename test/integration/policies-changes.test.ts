import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { DEMO_PEOPLE, DEMO_SERVICE } from '../../embedded/demo-data.js';
import { createChangeFeed } from '../../src/policies/change-feed.js';
import { createEpochWatch } from '../../src/policies/epoch-watch.js';
import { createPolicyCache } from '../../src/policies/policy-cache.js';
import { testParts } from '../parts.js';
import { newId } from '../support/branches.js';
import { BASE, bearer, postForm, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { createRole, policies, writeRow } from '../support/policies.js';
import { startService, type TestService } from '../support/service.js';
import { basic, createService, type TestServiceRow } from '../support/services.js';

const [demoAdmin, , demoCashier] = DEMO_PEOPLE;
const sale = basic(DEMO_SERVICE.name, DEMO_SERVICE.secret);
let service: TestService;
const api = () => policies(service);

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

interface Change {
  subjectType: string;
  subjectId: string;
  policyVersion: number;
}
const cursorOfNow = async () => (await api().changes(sale)).body.cursor as string;
const subjectsOf = (changes: Change[]) =>
  changes.map(({ subjectType, subjectId }) => `${subjectType}_${subjectId}`);

/** Everything after a cursor, without waiting, as a sister reads on. */
async function readAll(cursor: string): Promise<string[]> {
  const { body } = await api().changes(sale, `?after=${cursor}&wait=0`);
  return body.changes.length === 0 ? [] : [...subjectsOf(body.changes), ...(await readAll(body.cursor))];
}

/** Of a service, for this one unless said otherwise. */
async function systemToken({ name, credential }: TestServiceRow, audience = 'nx-identity') {
  const form = { grant_type: 'client_credentials', audience };
  const { body } = await postForm(`${service.url}${BASE}/auth/token`, form, basic(name, credential.secret));
  return bearer(body.access_token);
}

/** A connection with a transaction that the test holds open. */
async function openTransaction() {
  const client = new pg.Client({ connectionString: testParts().postgres.superUrl });
  await client.connect();
  await client.query('BEGIN');
  return client;
}

/** Whoever passes waits until it is open. */
function createGate() {
  let open: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    reached,
    open: () => open(),
    pass: () => {
      arrive();
      return opened;
    },
  };
}

const insertAssignment = `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id)
  VALUES ($1, 'assign_role', 'User', $2, 'Role', '3')`;

describe('the feed of changes', () => {
  test('begins at now, and then names whom each change reaches (P3)', async () => {
    const cursor = await cursorOfNow();
    const [person, role, merchant, organizer] = [newId(), await createRole(), newId(), newId()];
    await writeRow('assign_role', ['User', person], ['Role', role.id]);
    await writeRow('domain_inherits', ['Merchant', merchant], ['Organizer', organizer]);
    await writeRow('resource_inherits', ['Resource', `part-${person}`], ['Resource', 'whole']);
    const { body } = await api().changes(sale, `?after=${cursor}`);
    expect(subjectsOf(body.changes)).toEqual(
      expect.arrayContaining([
        `Role_${role.id}`,
        `User_${person}`,
        `Merchant_${merchant}`,
        `Organizer_${organizer}`,
        'Platform_*',
      ]),
    );
    const versions = body.changes.map(({ policyVersion }: Change) => policyVersion);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
    expect(body.cursor).toBe(`${versions.at(-1)}`);
  });

  test('misses nothing when what began first commits last (D7)', async () => {
    const cursor = await cursorOfNow();
    const [late, early] = [newId(), newId()];
    const slow = await openTransaction();
    try {
      await slow.query(insertAssignment, [`1-${late}`, late]);
      await sql(insertAssignment, [`2-${early}`, early]); // nor does it wait for the other
      const first = (await api().changes(sale, `?after=${cursor}`)).body;
      expect(subjectsOf(first.changes)).toContain(`User_${early}`);
      expect(subjectsOf(first.changes)).not.toContain(`User_${late}`);
      await slow.query('COMMIT');
      expect(await readAll(first.cursor)).toContain(`User_${late}`);
    } finally {
      await slow.end();
    }
  });

  test('of many writers at once misses none, over however many pages (D7)', async () => {
    const cursor = await cursorOfNow();
    const people = Array.from({ length: 1500 }, () => newId());
    const some = (from: number) =>
      sql(
        `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id)
         SELECT 'feed-' || who, 'assign_role', 'User', who, 'Role', '3' FROM unnest($1::text[]) AS who`,
        [people.slice(from, from + 300)],
      );
    const reading = readAll(cursor);
    await Promise.all([0, 300, 600, 900, 1200].map(some));
    await reading;
    const seen = new Set(await readAll(cursor));
    expect(people.filter((who) => !seen.has(`User_${who}`))).toEqual([]);
    const first = (await api().changes(sale, `?after=${cursor}`)).body;
    const rest = (await api().changes(sale, `?after=${first.cursor}`)).body;
    expect([first.changes.length, first.more, rest.more]).toEqual([1000, true, false]);
    await sql(`DELETE FROM public."PolicyDefinition" WHERE id LIKE 'feed-%'`);
  });

  test('waits for a change, and answers without one when the time is over (contract §5)', async () => {
    const cursor = await cursorOfNow();
    const waiting = api().changes(sale, `?after=${cursor}`);
    const person = newId();
    await writeRow('assign_role', ['User', person], ['Role', '3']);
    const { body } = await waiting;
    expect(subjectsOf(body.changes)).toContain(`User_${person}`);
    const empty = await api().changes(sale, `?after=${await cursorOfNow()}&wait=1`);
    expect([empty.status, empty.body.changes]).toEqual([200, []]);
  });

  test('is for services with the grant alone (contract §5)', async () => {
    const admin = bearer((await signIn(service, demoAdmin)).body.accessToken);
    expect((await api().changes(admin)).status).toBe(401);
    const other = await createService({ calls: ['whoami'] });
    expect((await api().changes(basic(other.name, other.credential.secret))).status).toBe(403);
    expect((await api().changes(await systemToken(other))).status).toBe(403);
    for (const after of ['-1', 'x', '1e9', '1.5', "1'"]) {
      expect((await api().changes(sale, `?after=${encodeURIComponent(after)}`)).status).toBe(422);
    }
  });

  test('is open by a system token for this service, and by none for another (contract §5, T8)', async () => {
    const reader = await createService({ calls: ['policies.read'] });
    const { status, body } = await api().changes(await systemToken(reader));
    expect([status, body.changes, body.more]).toEqual([200, [], false]);
    expect((await api().changes(await systemToken(reader, reader.name))).status).toBe(401);
  });

  test('lets everybody go at a shutdown (faults, SIGTERM)', async () => {
    const replica = await startService();
    const cursor = await cursorOfNow();
    const { database } = replica.infrastructure;
    const query = database.query;
    const looked = new Promise<void>((resolve) => {
      database.query = <Row>(text: string, values?: readonly unknown[]) => {
        if (values?.[0] === Number(cursor)) resolve();
        return query<Row>(text, values);
      };
    });
    const answered = policies(replica)
      .changes(sale, `?after=${cursor}`)
      .then(({ status, body }) => [status, body], String); // cut, it would be nobody's rejection
    await looked;
    await replica.stop(); // cuts, after ten seconds, whoever is still there
    expect(await answered).toEqual([200, { changes: [], cursor, more: false }]);
  });

  test('says that everything may have changed when the database was put back (faults)', async () => {
    const { body } = await api().changes(sale, '?after=999999999999');
    expect(subjectsOf(body.changes)).toEqual(['Platform_*']);
    expect(Number(body.cursor)).toBeLessThan(999999999999);
  });

  test('has room for so many who wait, and no more (D7)', async () => {
    const { database } = service.infrastructure;
    const monotonicNow = () => performance.now();
    const watch = createEpochWatch({ database, monotonicNow, onChange: () => undefined });
    const feed = createChangeFeed({ database, watch, monotonicNow });
    const cursor = (await feed.read(undefined, 0)).cursor;
    const many = Array.from({ length: 201 }, () => feed.read(cursor, 30_000));
    const refused = await Promise.race(many.map((one) => one.catch((error: unknown) => error)));
    feed.stop();
    expect(refused).toMatchObject({ kind: { status: 429 } });
    await Promise.allSettled(many);
  });
});

describe('what is kept of policies', () => {
  const far = { type: 'User', id: demoCashier.id };

  test('answers for a second without asking, and refuses when nobody says whether it is still so (D8)', async () => {
    const { database } = service.infrastructure;
    let now = 0;
    let isAway = false;
    const asked: string[] = [];
    const counted = {
      query: <Row>(text: string, values?: readonly unknown[]) => {
        asked.push(text);
        return isAway ? Promise.reject(new Error('away')) : database.query<Row>(text, values);
      },
    };
    const cache = createPolicyCache({ database: counted, monotonicNow: () => now });
    const first = await cache.of(far);
    expect(asked).toHaveLength(2);
    now = 400;
    expect(await cache.of(far)).toBe(first);
    expect(asked).toHaveLength(2);
    isAway = true;
    now = 1001;
    await expect(cache.of(far)).rejects.toThrow('away');
    isAway = false;
    expect((await cache.of(far)).version).toBe(first.version);
  });

  test('is read again when a change that is known already was not in it (P3)', async () => {
    const { database } = service.infrastructure;
    let now = 0;
    const person = newId();
    const gate = createGate();
    const slow = {
      query: async <Row>(text: string, values?: readonly unknown[]) => {
        const rows = await database.query<Row>(text, values);
        if (text.includes('subject_policies')) await gate.pass();
        return rows;
      },
    };
    const cache = createPolicyCache({ database: slow, monotonicNow: () => now });
    await cache.watch.notOlderThan(0);
    const loading = cache.of({ type: 'User', id: person });
    await gate.reached;
    await writeRow('assign_role', ['User', person], ['Role', '3']);
    now = 2000;
    await cache.watch.notOlderThan(0);
    gate.open();
    const { index } = await loading;
    expect(index.rolesAt('Platform').map(({ identifier }) => identifier)).toEqual(['010_user']);
  });
});

describe('a broadcast', () => {
  test('tells whom a write names, after the commit, in the emitter’s protocol (P6, contract §10)', async () => {
    const admin = (await signIn(service, demoAdmin)).body.accessToken as string;
    const listener = new Redis(testParts().redis.url);
    const channel = `ws:user:${demoCashier.id}`;
    const heard: string[] = [];
    listener.on('message', (_channel, text: string) => heard.push(text));
    await listener.subscribe(channel);
    const told = new Promise<void>((resolve) => listener.once('message', () => resolve()));
    const draft = {
      variant: 'assign_role',
      subjectType: 'User',
      subjectId: demoCashier.id,
      targetType: 'Role',
      targetId: (await createRole()).id,
    };
    try {
      await api().create(admin, draft, '?dryRun=true');
      const { body } = await api().create(admin, draft);
      await told;
      expect(heard.map((text) => JSON.parse(text))).toEqual([
        {
          serverId: 'emitter',
          type: 'user',
          target: demoCashier.id,
          event: 'identity.permissions-changed',
          data: { policyVersion: expect.any(Number) },
        },
      ]);
      const after = await api().subject(sale, 'User', demoCashier.id);
      expect(JSON.parse(heard[0] ?? '').data.policyVersion).toBeLessThanOrEqual(after.body.policyVersion);
      await api().remove(admin, body.id);
    } finally {
      listener.disconnect();
    }
  });

  test('that can’t be sent fails no write (P6)', async () => {
    const replica = await startService({ REDIS_URL: 'redis://127.0.0.1:1' }, { ready: false });
    try {
      const admin = (await signIn(service, demoAdmin)).body.accessToken as string;
      const made = await policies(replica).create(admin, {
        variant: 'assign_role',
        subjectType: 'User',
        subjectId: demoCashier.id,
        targetType: 'Role',
        targetId: (await createRole()).id,
      });
      expect(made.status).toBe(201);
      expect((await policies(replica).remove(admin, made.body.id)).status).toBe(204);
    } finally {
      await replica.stop();
    }
  });
});
