import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { testParts } from '../parts.js';
import { signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { createPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';
import { until } from '../support/until.js';

let service: TestService;
let listener: Redis;
const heard: { target: string; event: string }[] = [];
beforeAll(async () => {
  service = await startService({}, { worker: true });
  listener = new Redis(testParts().redis.url);
  listener.on('pmessage', (_pattern, _channel, text) => heard.push(JSON.parse(text)));
  await listener.psubscribe('ws:user:*');
});
afterAll(async () => {
  listener?.disconnect();
  await service.stop();
});

const arrive = async () => (await signIn(service, await createPerson())).body.user.id as string;
const rename = (id: string, name: string) =>
  sql('UPDATE identity."User" SET display_name = $2, modified_at = now() WHERE id = $1', [id, name]);
const heardOf = (id: string) =>
  heard.filter(({ target, event }) => target === id && event === 'identity.profile-changed');

/** Whatever had been committed before has been told by then. */
async function untilToldTo(id: string) {
  await rename(id, `Renamed ${Date.now()}`);
  await until('nothing is heard', async () => heardOf(id).length > 0);
}

test('a changed profile is told to the person’s open apps, by whichever hand it changed (P6, contract §10)', async () => {
  const person = await arrive();
  await rename(person, 'Another Name');
  await until('nothing is heard', async () => heardOf(person).length > 0);
  expect(heardOf(person)).toEqual([
    { serverId: 'emitter', type: 'user', target: person, event: 'identity.profile-changed', data: {} },
  ]);
});

test('nothing is told of what apps don’t show, of what stays the same, or of what was rolled back (P6)', async () => {
  const [person, other] = [await arrive(), await arrive()];
  await sql('UPDATE identity."User" SET last_login_at = now() WHERE id = $1', [person]);
  await sql('UPDATE identity."User" SET display_name = display_name WHERE id = $1', [person]);
  await sql(`BEGIN; UPDATE identity."User" SET display_name = 'x' WHERE id = '${person}'; ROLLBACK`);
  await untilToldTo(other);
  expect(heardOf(person)).toEqual([]);
});

test('a change that commits while another is told is told too (P6)', async () => {
  const [person, other] = [await arrive(), await arrive()];
  const slow = new pg.Client({ connectionString: testParts().postgres.superUrl });
  await slow.connect();
  try {
    await slow.query('BEGIN');
    await slow.query(`UPDATE identity."User" SET display_name = 'Late' WHERE id = $1`, [person]);
    await untilToldTo(other); // others are told while that one has not ended
    expect(heardOf(person)).toEqual([]);
    await slow.query('COMMIT');
    await until('the late one is not heard', async () => heardOf(person).length > 0);
  } finally {
    await slow.end();
  }
});
