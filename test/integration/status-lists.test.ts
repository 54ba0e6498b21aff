import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { createLocalJWKSet, jwtVerify } from 'jose';
import pg from 'pg';
import { createDatabase } from '../../src/database/database.js';
import { createLogger } from '../../src/telemetry/logger.js';
import { createRevocations, createStatusPlaces, dropStatusLists } from '../../src/tokens/index.js';
import { testParts } from '../parts.js';
import { BASE, bearer, call, post, postForm, signIn } from '../support/call.js';
import { sql, worker } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { addCredential, basic, createService, revoke } from '../support/services.js';
import { fetchList, listUrl, statusAt, statusOf, verifyList } from '../support/status-lists.js';
import { until } from '../support/until.js';

let service: TestService;
let replica: TestService;
beforeAll(async () => {
  service = await startService({}, { worker: true });
  replica = await startService();
});
afterAll(() => Promise.all([service?.stop(), replica?.stop()]));

const database = () => service.infrastructure.database;
const untilRevoked = (ask: () => Promise<number>) =>
  until('nothing is revoked', async () => (await ask()) === 1);

async function signedIn() {
  const { body } = await signIn(service, await createPerson());
  const { accessToken, sessionId } = body;
  return { accessToken, sessionId, status: statusOf(accessToken) };
}

const endByHand = (sessionId: string, run: typeof sql = sql) =>
  run(`UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'signed_out' WHERE id = $1`, [
    sessionId,
  ]);

describe('a status list (S8, contract §2)', () => {
  test('is signed by a key of its own that no access token key set holds (D1)', async () => {
    const { status } = await signedIn();
    const list = await fetchList(service, status.uri);
    expect(list.headers.get('content-type')).toBe('application/statuslist+jwt');
    const { payload } = await verifyList(service, list);
    expect(payload).toMatchObject({ sub: status.uri, ttl: 30, revoked_kids: [], status_list: { bits: 1 } });
    expect((payload.exp as number) - (payload.iat as number)).toBe(86_400);
    const { body: published } = await call(`${service.url}/jw-certs`);
    await expect(jwtVerify(list.text, createLocalJWKSet(published))).rejects.toThrow();
  });

  test('shows a session that signed out, on every replica', async () => {
    const one = await signedIn();
    expect(await statusAt(replica, one.status)).toBe(0);
    await post(`${service.url}${BASE}/auth/sign-out`, {}, bearer(one.accessToken));
    await untilRevoked(() => statusAt(service, one.status));
    await untilRevoked(() => statusAt(replica, one.status));
  });

  test('shows what an operator ended by SQL, and leaves everybody else alone', async () => {
    const [one, other] = await Promise.all([signedIn(), signedIn()]);
    await endByHand(one.sessionId);
    await untilRevoked(() => statusAt(service, one.status));
    expect(await statusAt(service, other.status)).toBe(0);
  });

  test('is answered from memory: 304 for who has it, HEAD, and no list that is not there', async () => {
    const { status } = await signedIn();
    const { headers } = await fetchList(service, status.uri);
    expect(headers.get('cache-control')).toBe('public, max-age=2, stale-if-error=86400');
    const again = await fetchList(service, status.uri, { 'if-none-match': headers.get('etag') as string });
    expect([again.status, again.text]).toEqual([304, '']);
    const head = await call(listUrl(service, status.uri), { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    for (const n of ['0', '-1', '999999999', '1e3', '%00']) {
      const { status: code } = await call(`${service.url}${BASE}/token-status-lists/${n}`);
      expect([n, code]).toEqual([n, 404]);
    }
  });

  test('misses no session whose end commits after a later one (D7)', async () => {
    const [slow, quick] = await Promise.all([signedIn(), signedIn()]);
    const client = new pg.Client({ connectionString: testParts().postgres.superUrl });
    await client.connect();
    const revocations = createRevocations(database());
    try {
      await client.query('BEGIN');
      await endByHand(
        slow.sessionId,
        (async (text, values) => (await client.query(text, values)).rows) as typeof sql,
      );
      await endByHand(quick.sessionId);
      await revocations.refresh();
      await client.query('COMMIT');
    } finally {
      await client.end();
    }
    const news = await revocations.refresh();
    expect(news.revoked.map(({ idx }) => idx)).toContain(slow.status.idx);
  });

  test('shows the credential of a service that was revoked, whose system tokens name it (contract §1)', async () => {
    const { id, name, credential } = await createService();
    const token = async (secret: string) =>
      (
        await postForm(
          `${service.url}${BASE}/auth/token`,
          { grant_type: 'client_credentials' },
          basic(name, secret),
        )
      ).body.access_token as string;
    const second = await addCredential(id, 2);
    const [first, other] = [statusOf(await token(credential.secret)), statusOf(await token(second.secret))];
    await revoke(credential);
    await untilRevoked(() => statusAt(service, first));
    expect(await statusAt(service, other)).toBe(0);
  });
});

describe('who reads a list', () => {
  const told = (name: string) =>
    sql<{ kids: string[] }>('SELECT kids FROM identity."KeyConsumer" WHERE service = $1', [name]);

  test('may say by its system token which keys it holds, so that none turns unheard (T5)', async () => {
    const { status } = await signedIn();
    const { name, credential } = await createService();
    const grant = { grant_type: 'client_credentials' };
    const { body } = await postForm(
      `${service.url}${BASE}/auth/token`,
      grant,
      basic(name, credential.secret),
    );
    const headers = { ...bearer(body.access_token), 'x-loaded-kids': 'one,two' };
    expect((await fetchList(service, status.uri, headers)).status).toBe(200);
    expect(await told(name)).toEqual([{ kids: ['one', 'two'] }]);
    // In idle times it asks for the lists' keys alone.
    const keys = `${service.url}${BASE}/token-status-lists/keys`;
    expect((await call(keys, { headers: { ...headers, 'x-loaded-kids': 'three' } })).status).toBe(200);
    expect(await told(name)).toEqual([{ kids: ['three'] }]);
    await sql('DELETE FROM identity."KeyConsumer" WHERE service = $1', [name]); // or every key would wait for it
  });

  test('says nothing by a person’s token, or by none, and gets the list all the same', async () => {
    const { status, accessToken } = await signedIn();
    const before = (await sql('SELECT FROM identity."KeyConsumer"')).length;
    for (const auth of [bearer(accessToken), bearer('no.token.at-all'), {}]) {
      const list = await fetchList(service, status.uri, { ...auth, 'x-loaded-kids': 'one' });
      expect(list.status).toBe(200);
    }
    expect(await sql('SELECT FROM identity."KeyConsumer"')).toHaveLength(before);
  });
});

describe('places', () => {
  test('are random, and nobody gets one twice (D7)', async () => {
    const pools = [0, 1].map(() => createStatusPlaces({ database: database(), monotonicNow: () => 0 }));
    const taken = await Promise.all(Array.from({ length: 200 }, (_, n) => pools[n % 2]?.take()));
    const places = taken.map((place) => `${place?.list}/${place?.idx}`);
    expect(new Set(places).size).toBe(200);
    const steps = taken.slice(2).filter((place, n) => place?.idx === (taken[n]?.idx ?? 0) + 1);
    expect(steps.length).toBeLessThan(5);
  });

  test('are had again in a new list before the last one is used up', async () => {
    const pool = createStatusPlaces({ database: database(), monotonicNow: () => 0 });
    const count = async () => (await sql('SELECT FROM identity."StatusList"')).length;
    const before = await count();
    await sql('DELETE FROM identity."FreeStatusIndex" WHERE place > 1000');
    await pool.take();
    expect(await count()).toBe(before + 1);
  });

  test('of an exchange that joins a session are not used up', async () => {
    const pool = createStatusPlaces({ database: database(), monotonicNow: () => 0 });
    const place = await pool.take();
    pool.giveBack(place);
    const next = await Promise.all(Array.from({ length: 64 }, () => pool.take()));
    expect(next).toContainEqual(place);
  });
});

describe('a list that is full', () => {
  const addFullList = async (fullFor: string) => {
    const [list] = await sql<{ id: number }>(
      `INSERT INTO identity."StatusList" (size, full_at) VALUES (8, now() - $1::interval) RETURNING id`,
      [fullFor],
    );
    return list?.id as number;
  };
  const exists = async (id: number) =>
    (await sql('SELECT FROM identity."StatusList" WHERE id = $1', [id])).length === 1;

  test('is dropped when its last token has expired, and not before (D7)', async () => {
    const { sessionId } = await signedIn();
    const list = await addFullList('3 hours');
    await sql('UPDATE identity."AuthSession" SET status_list = $2, status_idx = 7 WHERE id = $1', [
      sessionId,
      list,
    ]);
    await dropStatusLists(worker);
    expect(await exists(list)).toBe(true);
    await sql(`UPDATE identity."AuthSession" SET expires_at = now() - interval '1 s' WHERE id = $1`, [
      sessionId,
    ]);
    await dropStatusLists(worker);
    expect(await exists(list)).toBe(false);
  });

  test('stays while a replica may hold places in it', async () => {
    const list = await addFullList('1 hour');
    await dropStatusLists(worker);
    expect(await exists(list)).toBe(true);
    await sql('DELETE FROM identity."StatusList" WHERE id = $1', [list]);
  });
});

describe('the bitmaps in Redis (S8)', () => {
  const redis = () => service.infrastructure.redis;
  const listOf = (uri: string) => uri.split('/').at(-1);
  const bit = ({ idx, uri }: { idx: number; uri: string }) =>
    redis().getbit(`{nx}:revoked:${listOf(uri)}`, idx);
  const whole = () => redis().exists('{nx}:revoked:loaded');

  test('show what has ended', async () => {
    const one = await signedIn();
    await untilRevoked(whole);
    expect(await bit(one.status)).toBe(0);
    await endByHand(one.sessionId);
    await untilRevoked(() => bit(one.status));
  });

  test('bring the news to the person’s open apps, once, whoever ended the session (P6)', async () => {
    const one = await signedIn();
    await untilRevoked(whole);
    const [row] = await sql<{ user_id: string }>('SELECT user_id FROM identity."AuthSession" WHERE id = $1', [
      one.sessionId,
    ]);
    const channel = `ws:user:${row?.user_id}`;
    const listener = new Redis(testParts().redis.url);
    const heard: string[] = [];
    listener.on('message', (_channel, text) => heard.push(text));
    await listener.subscribe(channel);
    try {
      await endByHand(one.sessionId);
      await until('nothing is heard', async () => heard.length > 0);
    } finally {
      listener.disconnect();
    }
    const data = { sessionId: one.sessionId };
    const message = { serverId: 'emitter', type: 'user', target: row?.user_id };
    expect(heard.map((text) => JSON.parse(text))).toEqual([
      { ...message, event: 'identity.session-ended', data },
    ]);
  });

  test('un-revoke nothing when Redis was flushed: they are whole before they are to be trusted (D8)', async () => {
    const one = await signedIn();
    await endByHand(one.sessionId);
    await untilRevoked(() => bit(one.status));
    await untilRevoked(() => statusAt(service, one.status));
    await redis().flushall();
    expect(await statusAt(service, one.status)).toBe(1);
    const seen = async () =>
      (
        await redis()
          .multi()
          .exists('{nx}:revoked:loaded')
          .getbit(`{nx}:revoked:${listOf(one.status.uri)}`, one.status.idx)
          .exec()
      )?.map(([, value]) => value);
    const trusted = await until('the bitmaps are not whole again', async () => {
      const state = await seen();
      return state?.[0] === 1 && state;
    });
    expect(trusted).toEqual([1, 1]);
  });
});

test('a replica that has not read the database yet calls nobody unrevoked', async () => {
  const away = createDatabase({
    url: 'postgres://nobody@127.0.0.1:1/none',
    poolSize: 1,
    logger: createLogger({ level: 'silent' }),
  });
  const revocations = createRevocations(away);
  await expect(revocations.refresh()).rejects.toThrow();
  expect(revocations.loaded()).toBe(false);
  await away.close();
});
