import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { HASHING } from '../../embedded/keycloak-environment.js';
import { serviceEnvironment } from '../../embedded/service-environment.js';
import type { Database } from '../../src/database/database.js';
import { temporaryName } from '../../src/operations/import/import-line.js';
import { testParts } from '../parts.js';
import { databaseAs, eventsOf } from '../support/audit.js';
import { signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { argon2id, asLines, BCRYPT, BCRYPT_PASSWORD, newcomer, withPhone } from '../support/newcomers.js';
import { ops } from '../support/operations.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let database: Database;
beforeAll(async () => {
  service = await startService();
  database = databaseAs('nx_app');
});
afterAll(async () => {
  await service?.stop();
  await database?.close();
});

async function importing(people: readonly object[], ...more: string[]) {
  const { code, text } = await ops(['import-users', '-', ...more], asLines(people));
  const lines = text.split('\n');
  const reports = lines.slice(0, -1).map((line) => JSON.parse(line));
  return { code, reports, totals: lines.at(-1) };
}
const inKeycloak = async (email: string) =>
  (await (await admin()).users.find({ realm: realm(), email, exact: true }))[0];
const hashing = async (email: string) => {
  const id = (await inKeycloak(email))?.id as string;
  const [password] = await (await admin()).users.getCredentials({ realm: realm(), id });
  return JSON.parse(password?.credentialData ?? '{}');
};
const leftovers = async () =>
  (await (await admin()).users.find({ realm: realm(), username: 'import-', max: 1000 })).filter(
    ({ enabled }) => !enabled,
  );

describe('import-users', () => {
  test('moves people over who sign in with their old passwords, and whose hashes get stronger by that (S13)', async () => {
    const password = `Pw-${randomBytes(9).toString('base64url')}`;
    const [ofArgon2, ofBcrypt] = [newcomer({ passwordHash: await argon2id(password) }), newcomer()];
    const { code, reports, totals } = await importing([ofArgon2, ofBcrypt]);
    expect([code, totals]).toEqual([0, 'Imported 2, imported before 0, refused 0.']);
    expect(reports).toEqual(
      [1, 2].map((line) => ({ line, outcome: 'imported', userId: expect.any(String) })),
    );
    expect([
      (await hashing(ofArgon2.email)).additionalParameters.memory,
      (await hashing(ofBcrypt.email)).algorithm,
    ]).toEqual([['19456'], 'bcrypt']);
    for (const [{ email }, right] of [
      [ofArgon2, password],
      [ofBcrypt, BCRYPT_PASSWORD],
    ] as const) {
      expect((await signIn(service, { email, password: `${right}-wrong` })).status).toBe(401);
      const answer = await signIn(service, { email, password: right });
      expect([answer.status, answer.body.user?.displayName]).toEqual([200, 'Người mới']);
      expect(await hashing(email)).toMatchObject({
        algorithm: 'argon2',
        hashIterations: Number(HASHING.KC_SPI_PASSWORD_HASHING__ARGON2__ITERATIONS),
        additionalParameters: { memory: [HASHING.KC_SPI_PASSWORD_HASHING__ARGON2__MEMORY], type: ['id'] },
      });
    }
  });

  test('reserves identifiers and gives the default role, as the act of an operator, and keeps no hash (S1, S4, P12)', async () => {
    const person = newcomer({ ...withPhone(), username: `moved.${randomBytes(4).toString('hex')}` });
    const { reports } = await importing([person]);
    const id = reports[0].userId;
    expect(
      await sql('SELECT scheme, value FROM identity."Identifier" WHERE user_id = $1 ORDER BY scheme', [id]),
    ).toEqual([
      { scheme: 'email', value: person.email },
      { scheme: 'phone', value: (person as { phone?: string }).phone },
    ]);
    expect((await eventsOf(database, id)).map(({ action, actor }) => [action, actor.id])).toEqual([
      ['user.created', 'operations'],
      ['role.assigned', 'default-role'],
    ]);
    const rows = [
      await sql('SELECT * FROM identity."ImportedUser" WHERE user_id = $1', [id]),
      await sql('SELECT * FROM identity."User" WHERE id = $1', [id]),
    ];
    expect(JSON.stringify(rows)).not.toContain(BCRYPT.slice(7));
    expect(await inKeycloak(person.email)).toMatchObject({
      enabled: true,
      emailVerified: true,
      username: (person as { username?: string }).username,
    });
  });

  test('refuses line by line what it can’t take, says why without repeating it, and imports the rest (S13)', async () => {
    const taken = await createPerson();
    await signIn(service, taken);
    const strong = await argon2id('x', 65_536, 4);
    const good = newcomer();
    const { code, reports, totals } = await importing([
      newcomer({ email: taken.email }),
      newcomer({ passwordHash: '$2y$31$WvvTPHKwdBJ3uk0Z37EMR.hLA2W6N9AEBhEgrAOljy2Ae5MtaSIUi' }),
      newcomer({ passwordHash: 'e10adc3949ba59abbe56e057f20f883e' }),
      newcomer({ passwordHash: strong }),
      newcomer({ email: 'nobody' }),
      newcomer({ phone: '0901', phoneVerified: true }),
      newcomer({ password: 'clear' }),
      { passwordHash: BCRYPT },
      good,
    ]);
    expect(code).toBe(1);
    expect(reports.map(({ reason, outcome }) => reason ?? outcome)).toEqual([
      'taken: email',
      'unknown_hash',
      'unknown_hash',
      'stronger_than_keycloak',
      expect.stringMatching(/^invalid: email: /),
      'invalid: phone: is no phone number',
      expect.stringMatching(/^invalid: .*"password"/),
      'invalid: names nobody',
      'imported',
    ]);
    expect(totals).toBe('Imported 1, imported before 0, refused 8.');
    expect(JSON.stringify(reports)).not.toMatch(/example\.test|\$2|argon2id|clear/);
    expect(await leftovers()).toEqual([]);
    const again = await importing([newcomer({ passwordHash: strong })], '--keycloak-iterations', '4');
    expect(again.code).toBe(0);
  });

  test('leaves nothing behind of somebody whose username is taken in Keycloak (S13)', async () => {
    const username = `taken.${randomBytes(4).toString('hex')}`;
    await createPerson({ username });
    const person = newcomer({ username });
    const { reports } = await importing([person]);
    expect(reports).toEqual([{ line: 1, outcome: 'refused', reason: 'taken: username' }]);
    expect(await sql('SELECT FROM identity."Identifier" WHERE value = $1', [person.email])).toEqual([]);
    expect([await inKeycloak(person.email), await leftovers()]).toEqual([undefined, []]);
  });

  test('takes up whom a killed run has left in Keycloak alone, or here but not enabled there (S13)', async () => {
    const [unknown, disabled] = [newcomer(), newcomer()];
    const digest = createHash('sha256').update(JSON.stringify(unknown)).digest('hex');
    const left = await (await admin()).users.create({
      realm: realm(),
      username: temporaryName(digest),
      enabled: false,
    });
    const first = await importing([disabled]);
    await sql('UPDATE identity."ImportedUser" SET done_at = NULL WHERE user_id = $1', [
      first.reports[0].userId,
    ]);
    const id = (await inKeycloak(disabled.email))?.id as string;
    await (await admin()).users.update({ realm: realm(), id }, { enabled: false });
    const { code, reports } = await importing([unknown, disabled]);
    expect([code, reports.map(({ outcome }) => outcome)]).toEqual([0, ['imported', 'imported']]);
    expect(reports[1].userId).toBe(first.reports[0].userId);
    expect(await inKeycloak(unknown.email)).toMatchObject({ id: left.id, enabled: true });
    expect(await inKeycloak(disabled.email)).toMatchObject({ id, enabled: true });
  });

  test('killed in the middle, goes on where it was and makes nobody twice (S13)', async () => {
    const people = Array.from({ length: 120 }, () => newcomer());
    const child = spawn(process.execPath, ['dist/src/main.js', 'import-users', '-'], {
      env: { ...process.env, ...serviceEnvironment(testParts()), RUN_MODE: 'ops' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.end(asLines(people));
    await once(child.stdout, 'data'); // the first batch is done, the next under way
    child.kill('SIGKILL');
    await once(child, 'exit');
    const done = await sql<{ count: string }>(
      'SELECT count(*) FROM identity."Identifier" WHERE value = ANY($1)',
      [people.map(({ email }) => email)],
    );
    expect(Number(done[0]?.count)).toBeLessThan(120);
    const { code, reports } = await importing(people);
    expect(code).toBe(0);
    expect(reports.filter(({ outcome }) => outcome === 'already').length).toBeGreaterThan(0);
    expect(new Set(reports.map(({ userId }) => userId)).size).toBe(120);
    expect(await leftovers()).toEqual([]);
    const again = await importing(people);
    expect(again.totals).toBe('Imported 0, imported before 120, refused 0.');
    expect(
      (await signIn(service, { email: people[119]?.email ?? '', password: BCRYPT_PASSWORD })).status,
    ).toBe(200);
  });
});
