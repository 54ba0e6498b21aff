import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { BASE, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { forgetMessages, messageRow, startPromising } from '../support/messages.js';
import { ops } from '../support/operations.js';
import { admin, createPerson, realm, type TestPerson } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService | undefined;
let person: TestPerson;
beforeAll(async () => {
  service = await startService();
  person = await createPerson();
});
afterAll(async () => {
  await service?.stop();
  await forgetMessages();
});

const one = async <Row extends object>(text: string, values: unknown[] = []) =>
  (await sql<Row>(text, values))[0] as Row;
const newestEpoch = async () =>
  Number((await one<{ newest: string }>('SELECT max(epoch) AS newest FROM identity."PolicyEpoch"')).newest);

describe('ops after-restore', () => {
  test('does nothing without --yes, nor while a server runs (R7)', async () => {
    const { body } = await signIn(service as TestService, person);
    expect((await ops(['after-restore'])).code).toBe(2);
    const { code, text } = await ops(['after-restore', '--yes']);
    expect([code, text]).toEqual([1, expect.stringContaining('Still running: ')]);
    expect(await one('SELECT ended_at FROM identity."AuthSession" WHERE id = $1', [body.sessionId])).toEqual({
      ended_at: null,
    });
  });

  test('ends what a backup has brought back to life, and nothing that was given out since counts again (R7, P3, S8)', async () => {
    const messages = startPromising();
    const { body } = await signIn(service as TestService, person);
    const waiting = await messages.promise();
    await messages.close();
    await service?.stop();
    service = undefined;
    await sql('DELETE FROM identity."Replica"'); // of servers that other tests have killed
    const epoch = await newestEpoch();
    const free = await one<{ list_id: number; idx: number }>(
      'SELECT list_id, idx FROM identity."FreeStatusIndex" ORDER BY random() LIMIT 1',
    );
    const { code, text } = await ops(['after-restore', '--yes']);
    expect([code, text]).toEqual([
      0,
      expect.stringMatching(/^Ended \d+ sessions .*Held back [1-9]\d* messages .*compared with it/s),
    ]);

    expect(
      await one('SELECT end_reason FROM identity."AuthSession" WHERE id = $1', [body.sessionId]),
    ).toEqual({ end_reason: 'restored' });
    expect(await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId })).toEqual([]);
    expect(await messageRow(waiting)).toMatchObject({ status: 'dead', error_class: 'restored' });
    expect(await newestEpoch()).toBeGreaterThan(epoch + 1_000_000);
    expect(
      await sql('SELECT FROM identity."Revocation" WHERE list_id = $1 AND idx = $2', [
        free.list_id,
        free.idx,
      ]),
    ).toHaveLength(1);
    expect(
      await sql('SELECT DISTINCT list_id FROM identity."FreeStatusIndex" WHERE list_id < $1', [
        free.list_id + 1000,
      ]),
    ).toEqual([]);
    const looks = await sql(
      `SELECT FROM identity."KeycloakEvent" WHERE keycloak_user_id = $1 AND handled_at IS NULL AND id LIKE '%-%/%'`,
      [person.keycloakId],
    );
    expect(looks).toHaveLength(1);
    expect(
      await sql(
        `SELECT FROM identity."AuditEvent" WHERE action = 'database.restored' AND actor_id = 'operations'`,
      ),
    ).not.toEqual([]);

    service = await startService();
    expect(
      (await post(`${service.url}${BASE}/auth/refresh`, { refreshToken: body.refreshToken })).status,
    ).toBe(401);
    expect((await signIn(service, person)).status).toBe(200);
  });
});

describe('ops purge', () => {
  test('keeps the retention of tables at once, and says so in the trail (X3)', async () => {
    const old = await sql<{ id: string }>(
      `INSERT INTO identity."ImportedUser" (line_digest, user_id, keycloak_id, done_at)
       VALUES ('old', '1', '1', now() - interval '31 days'), ('new', '1', '1', now() - interval '29 days'), ('open', '1', '1', NULL)
       RETURNING line_digest`,
    );
    expect(old).toHaveLength(3);
    expect((await ops(['purge'])).code).toBe(0);
    const left = await sql<{ line_digest: string }>(
      `SELECT line_digest FROM identity."ImportedUser" WHERE user_id = '1' ORDER BY 1`,
    );
    expect(left.map(({ line_digest }) => line_digest)).toEqual(['new', 'open']);
    await sql(`DELETE FROM identity."ImportedUser" WHERE user_id = '1'`);
    expect(await sql(`SELECT FROM identity."AuditEvent" WHERE action = 'database.purged'`)).not.toEqual([]);
  });

  test('is told for every table that there is, in docs and comments alike (X3)', async () => {
    const page = readFileSync('docs/retention.md', 'utf8');
    const tables = await sql<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relnamespace = 'identity'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
    );
    expect(tables.map(({ name }) => name).filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const [of] = await sql<{ said: string }>(
      `SELECT obj_description('identity."ImportedUser"'::regclass) AS said`,
    );
    expect(of?.said).toContain('30 days');
  });
});
