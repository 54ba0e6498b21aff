import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { purgeExpired } from '../../src/database/purge-expired.js';
import { createNoteConsumer, createSigner, FolderReadOnly, parseLoadedKids } from '../../src/tokens/index.js';
import {
  accessKeyFiles,
  createKeyReplica,
  createKeyWorld,
  type KeyWorld,
  keysCommand,
} from '../support/keys.js';
import { spawnService } from '../support/process.js';
import { until } from '../support/until.js';

let world: KeyWorld;
beforeEach(async () => {
  world = await createKeyWorld();
});
afterEach(() => world.drop());

const leadIsOver = () =>
  world.sql(`UPDATE identity."SigningKey" SET published_at = now() - interval '3601 s' WHERE state = 'next'`);
/** Lets everybody read the table and nobody write to it, until its end. */
async function lockOut(table: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: world.superUrl });
  await client.connect();
  await client.query(`BEGIN; LOCK TABLE identity.${table} IN SHARE MODE`);
  return client;
}
const waiting = async () =>
  (
    await world.sql(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
  ).length;
const pem = () =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
const refusal = (act: () => unknown) => {
  try {
    return act();
  } catch (error) {
    return (error as { kind?: { status: number } }).kind?.status;
  }
};

describe('a rotation', () => {
  test('the next key is published before it signs, and the one before stays (T5)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    const first = one.signs();
    const { kid } = await one.rotate();
    await one.turn();
    expect([one.signs(), one.shown()]).toEqual([first, [first, kid]]);
    await one.turn();
    expect(one.signs()).toBe(first);
    await leadIsOver();
    await one.turn();
    expect([one.signs(), one.shown()]).toEqual([kid, [kid, first]]);
    expect(await world.states()).toEqual(['current', 'previous']);
  });

  test('no replica signs by a key that a live one has not loaded, and the laggard is named (T5)', async () => {
    const lateMount = world.copyOfKeys();
    const one = await createKeyReplica(world);
    const late = await createKeyReplica({ ...world, keysDir: lateMount }, { name: 'the late one' });
    await one.turn();
    await late.turn();
    const first = one.signs();
    const { kid } = await one.rotate();
    await one.turn();
    await leadIsOver();
    await one.turn();
    expect([one.signs(), late.signs()]).toEqual([first, first]);
    expect(one.concerns().replicas.map(({ name }) => name)).toEqual(['the late one']);
    expect(one.told.map(({ details }) => details)).toContainEqual({ replicas: ['the late one'] });
    const [file = ''] = accessKeyFiles(world.keysDir).filter((name) => name.includes(kid));
    copyFileSync(join(world.keysDir, file), join(lateMount, file));
    await late.look();
    await leadIsOver();
    await one.turn();
    await late.look();
    expect([one.signs(), late.signs()]).toEqual([kid, kid]);
  });

  test('the lead time begins when every live replica shows the key (T5)', async () => {
    const late = await createKeyReplica({ ...world, keysDir: world.copyOfKeys() });
    const one = await createKeyReplica(world);
    await one.turn();
    await late.look();
    await one.rotate();
    await one.turn();
    expect((await world.keyOf('next'))?.publishedAt).toBeNull();
    await late.ring.leave();
    await one.turn();
    expect((await world.keyOf('next'))?.publishedAt).toEqual(expect.any(Date));
  });

  test('a key that merely lies there is not loaded: a replica says what it shows (T5)', async () => {
    const one = await createKeyReplica(world);
    const other = await createKeyReplica(world);
    await one.turn();
    const first = one.signs();
    writeFileSync(join(world.keysDir, 'access-token.2027.pem'), pem(), { mode: 0o600 });
    await other.look();
    await one.rotate('at_once');
    await one.turn(); // the other holds the file, and would still refuse what is signed by it
    expect(one.signs()).toBe(first);
    await other.look();
    await one.turn();
    expect(one.signs()).not.toBe(first);
  });

  test('a replica that died is waited for until it can sign no more, and no longer (T5)', async () => {
    const one = await createKeyReplica(world);
    const dead = await createKeyReplica({ ...world, keysDir: world.copyOfKeys() }, { name: 'dead' });
    await one.turn();
    await dead.turn();
    const first = dead.signs();
    dead.clock.now = 14_999;
    expect([dead.signs(), dead.ring.findPublished('unknown')]).toEqual([first, undefined]);
    dead.clock.now = 15_000;
    expect(refusal(dead.signs)).toBe(503);
    expect(refusal(() => dead.ring.findPublished('unknown'))).toBe(503); // it may be a key that others sign by
    expect(dead.ring.findPublished(first)?.kid).toBe(first);
    const { kid } = await one.rotate('at_once');
    await world.sql(`UPDATE identity."Replica" SET seen_at = now() - interval '19 s' WHERE id = 'dead'`);
    await one.turn();
    expect(one.signs()).toBe(first);
    await world.sql(`UPDATE identity."Replica" SET seen_at = now() - interval '20 s' WHERE id = 'dead'`);
    await one.turn();
    expect(one.signs()).toBe(kid);
  });

  test('the one before is retired when its last token has expired and its overlap is over, not sooner (T5, T6)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    const first = one.signs();
    await one.rotate('at_once');
    await one.turn();
    await one.turn();
    const previous = await world.keyOf('previous');
    const signsFor =
      (previous?.lastTokenExpiresBy?.getTime() ?? 0) - (previous?.supersededAt?.getTime() ?? 0);
    expect(signsFor).toBeGreaterThan(3_600_000); // the longest that any replica may be set to
    const age = (since: string, until: string) =>
      world.sql(
        `UPDATE identity."SigningKey" SET superseded_at = now() - $1::interval,
           last_token_expires_by = now() + $2::interval WHERE state = 'previous'`,
        [since, until],
      );
    for (const [since, left] of [
      ['8 days', '1 minute'],
      ['6 days', '-1 minute'],
    ] as const) {
      await age(since, left);
      await one.turn();
      expect(one.shown()).toContain(first);
    }
    await age('7 days', '-1 s');
    await one.turn();
    expect(one.shown()).not.toContain(first);
    expect(await world.states()).toEqual(['current', 'retired']);
  });

  test('many rotations at once make one key (T5)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    const inTheWay = await lockOut('"SigningKey"');
    const rotations = Promise.all(Array.from({ length: 5 }, () => one.rotate()));
    await until('they do not wait', async () => (await waiting()) === 5);
    await inTheWay.end();
    const made = await rotations;
    expect(new Set(made.map(({ kid }) => kid)).size).toBe(1);
    expect(made.filter((each) => each.made)).toHaveLength(1);
    expect(accessKeyFiles(world.keysDir)).toHaveLength(2);
    expect(await world.states()).toEqual(['current', 'next']);
  });

  test('kill -9 between the file and the row: the next run goes on with that file (T5)', async () => {
    await (await createKeyReplica(world)).turn();
    const inTheWay = await lockOut('"SigningKey"');
    const killed = spawnService({ ...world.environment, RUN_MODE: 'keys' }, ['rotate']);
    await until('nothing has changed', async () => accessKeyFiles(world.keysDir).length === 2);
    killed.kill('SIGKILL');
    await killed.exit;
    await inTheWay.end();
    expect(await world.states()).toEqual(['current']);
    expect((await keysCommand(world, ['rotate'])).code).toBe(0);
    const { kid = '' } = (await world.keyOf('next')) ?? {};
    expect(new Set(accessKeyFiles(world.keysDir))).toEqual(
      new Set([`access-token.${kid}.pem`, 'access-token.pem']),
    );
  });
});

describe('the directory of keys', () => {
  test('a key that appears there becomes the next one, without a restart (T5)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    writeFileSync(join(world.keysDir, 'access-token.2027.pem'), pem(), { mode: 0o600 });
    await one.turn();
    expect(one.shown()).toHaveLength(2);
    expect(await world.states()).toEqual(['current', 'next']);
  });

  test.each([
    ['open to others', pem(), 0o644],
    ['no key', 'hello', 0o600],
    ['too short', shortRsa(), 0o600],
  ])('a file that appears and is %s is passed over, and told once (T4)', async (_what, text, mode) => {
    const one = await createKeyReplica(world);
    await one.turn();
    writeFileSync(join(world.keysDir, 'access-token.2027.pem'), text, { mode });
    await one.turn();
    await one.turn();
    expect(one.shown()).toHaveLength(1);
    expect(one.told.map(({ text: said }) => said)).toEqual(['a key file is not usable']);
  });

  test('a row alone makes nobody trust a key: its private part has to lie there (D1)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    const { kid, publicJwk } = await createSigner(
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
    );
    await world.sql(
      `INSERT INTO identity."SigningKey" (kid, alg, public_jwk, state) VALUES ($1, 'ES256', $2, 'next')`,
      [kid, JSON.stringify(publicJwk)],
    );
    await one.turn();
    expect(one.shown()).not.toContain(kid);
    expect(one.ring.findPublished(kid)).toBeUndefined();
  });

  test('the file of a retired key is no new key (T12)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    const first = one.signs();
    await one.rotate('at_once');
    await one.turn();
    await one.turn();
    await world.sql(
      `UPDATE identity."SigningKey" SET state = 'retired', retired_at = now() WHERE state = 'previous'`,
    );
    const restarted = await createKeyReplica(world);
    await restarted.turn();
    expect(restarted.shown()).not.toContain(first);
    expect(restarted.ring.findPublished(first)).toBeUndefined();
    expect(await world.states()).toEqual(['current', 'retired']);
  });

  test('a replica without the current key signs nothing and is not usable (T5)', async () => {
    const stale = world.copyOfKeys();
    const one = await createKeyReplica(world);
    await one.turn();
    await one.rotate('at_once');
    await one.turn();
    await one.turn();
    const late = await createKeyReplica({ ...world, keysDir: stale });
    await late.look();
    expect(late.ring.isUsable()).toBe(false);
    expect(refusal(late.signs)).toBe(503);
    expect(one.ring.isUsable()).toBe(true);
  });

  test('the file of a key that signs may go while the process lives (T5)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    const first = one.signs();
    rmSync(join(world.keysDir, 'access-token.pem'));
    await one.turn();
    expect([one.signs(), one.shown()]).toEqual([first, [first]]);
  });

  test('before the table was ever read, one key is shown and several are not: one may be retired (T12)', async () => {
    const one = await createKeyReplica(world);
    expect(one.shown()).toHaveLength(1);
    expect(refusal(one.signs)).toBe(503);
    writeFileSync(join(world.keysDir, 'access-token.2027.pem'), pem(), { mode: 0o600 });
    expect((await createKeyReplica(world)).ring.published()).toBeUndefined();
  });
});

describe('a rotation by the calendar', () => {
  const age = (days: number) =>
    world.sql(`UPDATE identity."SigningKey" SET activated_at = now() - make_interval(days => $1)`, [days]);

  test('begins by itself after so many days, once (T6)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    await age(89);
    await one.turn();
    expect(await world.states()).toEqual(['current']);
    await age(90);
    await one.turn();
    await one.turn();
    expect(await world.states()).toEqual(['current', 'next']);
    expect(accessKeyFiles(world.keysDir)).toHaveLength(2);
  });

  test('never begins by itself where that is set to 0 (T6)', async () => {
    const one = await createKeyReplica(world, { times: { rotationDays: 0 } });
    await one.turn();
    await age(4000);
    await one.turn();
    expect(await world.states()).toEqual(['current']);
  });

  test('where the directory is read-only, it is told that one is due (T6)', async () => {
    const one = await createKeyReplica(world, { readOnly: true });
    await one.turn();
    await age(90);
    await one.turn();
    await one.turn();
    expect(one.concerns().rotationDue).toBe(true);
    expect(one.told.map(({ text }) => text)).toEqual([
      'a rotation of the signing key is due, and its directory is read-only',
    ]);
    await expect(one.rotate()).rejects.toThrow(FolderReadOnly);
  });
});

describe('consumers', () => {
  test('say which keys they hold: the header is read as far as it makes sense (T5)', () => {
    expect(parseLoadedKids(undefined)).toEqual([]);
    expect(parseLoadedKids('b, a,,a, <script>, with space ,')).toEqual(['a', 'b']);
    expect(parseLoadedKids(Array.from({ length: 30 }, (_, n) => `k${n}`).join())).toHaveLength(20);
  });

  test('are waited for where that was asked for; else the new key signs and they are named (T5)', async () => {
    const one = await createKeyReplica(world);
    await one.turn();
    const first = one.signs();
    const note = createNoteConsumer({ ...world, monotonicNow: () => 0, logger: one.logger });
    const sale = { service: 'sale', instance: '192.0.2.1' };
    await note({ ...sale, kids: [first] });
    await note({ service: 'gone', instance: '192.0.2.2', kids: [] });
    await world.sql(
      `UPDATE identity."KeyConsumer" SET seen_at = now() - interval '25 hours' WHERE service = 'gone'`,
    );
    const { kid } = await one.rotate('after_consumers');
    await one.turn();
    await leadIsOver();
    await one.turn();
    expect(one.signs()).toBe(first);
    expect(one.concerns().consumers).toEqual([{ ...sale, kids: [first], seenAt: expect.any(Date) }]);
    await note({ ...sale, kids: [first, kid] });
    await one.turn();
    expect([one.signs(), one.concerns().consumers]).toEqual([kid, []]);
    await one.rotate();
    await one.turn();
    await leadIsOver();
    await one.turn();
    expect(one.signs()).not.toBe(kid);
    expect(one.told.at(-1)).toEqual({
      details: { kid: one.signs(), consumers: ['sale at 192.0.2.1'] },
      text: 'a new key signs that consumers lack',
    });
  });

  test('that say the same again within a minute cost no write, and no call fails for them (D8)', async () => {
    const one = await createKeyReplica(world);
    const clock = { now: 0 };
    const note = createNoteConsumer({ ...world, monotonicNow: () => clock.now, logger: one.logger });
    const seen = async () => (await world.sql('SELECT seen_at FROM identity."KeyConsumer"'))[0]?.seen_at;
    const sale = { service: 'sale', instance: '192.0.2.1', kids: ['a'] };
    await note(sale);
    const before = await seen();
    clock.now = 59_999;
    await note(sale);
    expect(await seen()).toEqual(before);
    clock.now = 60_000;
    await note(sale);
    expect(await seen()).not.toEqual(before);
    await world.sql('ALTER TABLE identity."KeyConsumer" RENAME TO "Gone"');
    await note({ ...sale, kids: ['b'] });
    expect(one.told.at(-1)?.text).toBe('the keys of a consumer were not written down');
  });

  test('and replicas that nobody has heard of for long are forgotten by the worker (X3)', async () => {
    await world.sql(`INSERT INTO identity."KeyConsumer" VALUES ('old', '1', '{}', now() - interval '8 days'),
      ('young', '1', '{}', now() - interval '6 days')`);
    await world.sql(`INSERT INTO identity."Replica" (id, name, kids, seen_at) VALUES ('old', '', '{}', now() - interval '61 minutes'),
      ('young', '', '{}', now() - interval '59 minutes')`);
    const worker = world.asRole('nx_worker');
    await purgeExpired(worker).finally(worker.close);
    expect(await world.sql('SELECT service FROM identity."KeyConsumer"')).toEqual([{ service: 'young' }]);
    expect(await world.sql('SELECT id FROM identity."Replica"')).toEqual([{ id: 'young' }]);
  });
});

test('every change of a key is in the audit trail (P12)', async () => {
  const one = await createKeyReplica(world);
  await one.turn();
  const first = one.signs();
  const { kid } = await one.rotate('at_once');
  await one.turn();
  await one.turn();
  const trail = await world.sql(
    `SELECT action, subject_id FROM identity."AuditEvent" WHERE subject_type = 'signing_key' ORDER BY created_at`,
  );
  expect(trail).toEqual([
    { action: 'signing_key.activated', subject_id: first },
    { action: 'signing_key.added', subject_id: kid },
    { action: 'signing_key.activated', subject_id: kid },
  ]);
});

function shortRsa(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}
