import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/database.js';
import { databaseAs, eventsOf } from '../support/audit.js';
import { signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { ops } from '../support/operations.js';
import { admin, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let database: Database;
beforeAll(async () => {
  service = await startService();
  database = databaseAs('nx_app');
});
afterAll(async () => {
  await service.stop();
  await database.close();
});

const newEmail = () => `made-${randomBytes(6).toString('hex')}@example.test`;

const createUser = (email: string, ...more: string[]) => ops(['create-user', '--email', email, ...more]);
const printed = (text: string) => /shown this once: (\S+)$/.exec(text)?.[1] ?? '';
const idIn = (text: string) => /user (\d+) /.exec(text)?.[1] ?? '';

describe('ops create-user', () => {
  test('makes a user who signs in with the password that it prints (issue 8)', async () => {
    const email = newEmail();
    const { code, text } = await createUser(email, '--name', 'Ngân');
    expect(code).toBe(0);
    const answer = await signIn(service, { email, password: printed(text) });
    expect(answer.status).toBe(200);
    expect(answer.body.user).toMatchObject({ id: idIn(text), displayName: 'Ngân', email });
  });

  test('takes a password from stdin, and prints none (R5)', async () => {
    const email = newEmail();
    const password = `Pw-${randomBytes(9).toString('base64url')}`;
    const { code, text } = await ops(
      ['create-user', '--email', email, '--password-stdin'],
      `${password}\nmore\n`,
    );
    expect([code, text]).toEqual([0, `Made user ${idIn(text)} with the address ${email}.`]);
    expect((await signIn(service, { email, password })).status).toBe(200);
  });

  test('is in the audit trail as the act of an operator, with the address sealed (P12, X1)', async () => {
    const email = newEmail();
    const { text } = await createUser(email);
    const events = await eventsOf(database, idIn(text));
    expect(events.map(({ action, actor }) => [action, actor])).toEqual([
      ['user.created', { type: 'system', id: 'operations' }],
      ['role.assigned', { type: 'system', id: 'default-role' }],
    ]);
    expect(events[0]?.personal).toMatchObject({ email, agent: expect.stringMatching(/^ops by /) });
    const rows = await sql('SELECT * FROM identity."AuditEvent" WHERE subject_id = $1', [idIn(text)]);
    expect(JSON.stringify(rows)).not.toContain(email);
  });

  test('changes nothing for an address that somebody has, however it is spelt', async () => {
    const email = newEmail();
    const { text } = await createUser(email);
    const again = await createUser(email.toUpperCase());
    expect([again.code, again.text]).toEqual([1, `Not done: somebody has ${email.toUpperCase()} already.`]);
    expect((await signIn(service, { email, password: printed(text) })).status).toBe(200);
  });

  test('says why Keycloak refuses a password, and leaves nobody behind who could sign in', async () => {
    const email = newEmail();
    const { code, text } = await ops(['create-user', '--email', email, '--password-stdin'], 'short\n');
    expect(code).toBe(1);
    expect(text).toMatch(/^Not done: keycloak\.password_refused/);
    expect(await (await admin()).users.find({ realm: realm(), email })).toEqual([]);
    expect(await sql('SELECT state FROM identity."SignUp" WHERE value = $1', [email])).toEqual([
      { state: 'dead' },
    ]);
  });

  test.each([
    [[], 'ops create-user --email'],
    [['remove-user', '--email', 'a@example.test'], 'ops create-user --email'],
    [['create-user'], '--email'],
    [['create-user', '--email', 'nobody'], '--email: Invalid email'],
    [['create-user', '--email', 'a@example.test', '--password', 'x'], '--password'],
  ])('used wrongly, as in %j, says how to use it', async (args, said) => {
    const { code, text } = await ops(args);
    expect(code).toBe(2);
    expect(text).toContain(said);
  });
});
