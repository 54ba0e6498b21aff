import { randomInt } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { testParts } from '../parts.js';
import { type Answer, postForm } from '../support/call.js';
import { admin, createPerson, realm, type TestPerson } from '../support/people.js';

const GRANT = 'urn:nx:params:oauth:grant-type:first-party';
const { url, clientId, clientSecret } = testParts().keycloak;
const endpoints = `${url}/realms/${realm()}/protocol/openid-connect`;
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});
const us = basic(clientId, clientSecret);

const ask = (person: Pick<TestPerson, 'email' | 'password'>, extra: Record<string, string>, client: object) =>
  postForm(
    `${endpoints}/token`,
    {
      grant_type: GRANT,
      identifier: person.email,
      identifier_scheme: 'email',
      password: person.password,
      scope: 'openid',
      ...extra,
    },
    { ...client },
  );

/** Asks again while Keycloak still counts the person's last try, as the service does. */
async function grant(
  person: Pick<TestPerson, 'email' | 'password'>,
  extra: Record<string, string> = {},
  client: object = us,
): Promise<Answer> {
  for (;;) {
    const answer = await ask(person, extra, client);
    if (answer.body.error !== 'temporarily_unavailable') return answer;
  }
}

const sessionsOf = async (person: TestPerson) =>
  (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
const failuresOf = async (person: TestPerson) =>
  (await (await admin()).attackDetection.findOne({ realm: realm(), id: person.keycloakId }))?.numFailures;

describe('the first-party grant', () => {
  test('purpose=verify checks the password and counts failures, but makes no session and ends none (D2)', async () => {
    const person = await createPerson();
    await grant(person);
    expect((await grant({ ...person, password: 'wrong' }, { purpose: 'verify' })).body.error).toBe(
      'invalid_grant',
    );
    expect(await failuresOf(person)).toBe(1);
    const answer = await grant(person, { purpose: 'verify' });
    expect([answer.status, answer.body]).toEqual([200, { verified: true, sub: person.keycloakId }]);
    expect(await sessionsOf(person)).toHaveLength(1);
    expect(await failuresOf(person)).toBe(0);
  });

  test('a sign-in clears the failures that were counted before it (D2)', async () => {
    const person = await createPerson();
    await grant({ ...person, password: 'wrong' });
    expect(await failuresOf(person)).toBe(1);
    expect((await grant(person)).status).toBe(200);
    expect(await failuresOf(person)).toBe(0);
  });

  test('a person has twenty sessions at most; the oldest ends for the newest (D2)', async () => {
    const person = await createPerson();
    const opened: { sid: string; second: number }[] = [];
    for (let count = 0; count < 21; count += 1) {
      const claims = decodeJwt((await grant(person)).body.access_token);
      opened.push({ sid: claims.sid as string, second: claims.auth_time as number });
    }
    const alive = (await sessionsOf(person)).map((session) => session.id);
    const ended = opened.filter(({ sid }) => !alive.includes(sid));
    expect(alive).toHaveLength(20);
    // Keycloak tells sessions apart by the second; more than one may have been the oldest.
    expect(ended.map(({ second }) => second)).toEqual([opened[0]?.second]);
  });

  test('sign-ins of one person at the same instant are told to wait, never that the password is wrong (D2)', async () => {
    const person = await createPerson();
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(person, {}, us)));
    const errors = answers.filter((answer) => answer.status !== 200).map((answer) => answer.body.error);
    expect(answers.some((answer) => answer.status === 200)).toBe(true);
    expect(errors).toEqual(errors.map(() => 'temporarily_unavailable'));
    expect(await failuresOf(person)).toBe(0);
  });

  test('client policies apply to it (D2)', async () => {
    const person = await createPerson();
    const client = await admin();
    const condition = { condition: 'any-client', configuration: {} };
    await client.clientPolicies.createProfiles({
      realm: realm(),
      profiles: [{ name: 'no-passwords', executors: [{ executor: 'reject-ropc-grant', configuration: {} }] }],
    });
    const policy = { name: 'no-passwords', profiles: ['no-passwords'], conditions: [condition] };
    try {
      await client.clientPolicies.updatePolicy({ realm: realm(), policies: [{ ...policy, enabled: true }] });
      for (const purpose of ['sign-in', 'verify'])
        expect((await grant(person, { purpose })).status).toBe(400);
      expect(await sessionsOf(person)).toEqual([]);
    } finally {
      await client.clientPolicies.updatePolicy({ realm: realm(), policies: [] });
      await client.clientPolicies.createProfiles({ realm: realm(), profiles: [] });
    }
    expect((await grant(person)).status).toBe(200);
  });

  test('no other client may use it, and the password grant is off for all (D2)', async () => {
    const person = await createPerson();
    const client = await admin();
    const clientId = `other-${person.keycloakId}`;
    const made = await client.clients.create({
      realm: realm(),
      clientId,
      secret: 'other-secret-0123',
      publicClient: false,
      directAccessGrantsEnabled: false,
    });
    const other = basic(clientId, 'other-secret-0123');
    try {
      expect((await grant(person, {}, other)).body.error).toBe('unauthorized_client');
      for (const headers of [us, other]) {
        const answer = await grant(person, { grant_type: 'password', username: person.email }, headers);
        expect([answer.status, answer.body.error]).toEqual([400, 'unauthorized_client']);
      }
    } finally {
      await client.clients.del({ realm: realm(), id: made.id });
    }
    const clients = await client.clients.find({ realm: realm() });
    expect(clients.filter((found) => found.directAccessGrantsEnabled)).toEqual([]);
  });

  test("the visitor's address stands on session and event; a text that is none is refused (D2)", async () => {
    const person = await createPerson();
    const visitor = {
      visitor_address: '2001:db8::7',
      visitor_agent: 'Mozilla/5.0 (Windows NT 10.0) Firefox/130.0',
    };
    const recorded = '2001:db8:0:0:0:0:0:7'; // Keycloak's spelling
    expect((await grant(person, visitor)).status).toBe(200);
    await grant({ ...person, password: 'wrong' }, visitor);
    expect((await sessionsOf(person)).map((session) => session.ipAddress)).toEqual([recorded]);
    const events = await (await admin()).realms.findEvents({ realm: realm(), user: person.keycloakId });
    expect(events.map((event) => [event.type, event.ipAddress]).sort()).toEqual([
      ['LOGIN', recorded],
      ['LOGIN_ERROR', recorded],
    ]);
    const bad = await grant(person, { visitor_address: 'localhost; drop' });
    expect(bad.body.error).toBe('invalid_request');
  });

  test('amr survives a refresh at Keycloak (T2)', async () => {
    const person = await createPerson();
    const { body } = await grant(person);
    const refreshed = await postForm(
      `${endpoints}/token`,
      { grant_type: 'refresh_token', refresh_token: body.refresh_token },
      us,
    );
    expect(decodeJwt(refreshed.body.access_token).amr).toEqual(['pwd']);
  });

  test('a phone number that is not proven, or that two people hold, signs nobody in (D3)', async () => {
    const phone = (number: string, verified: string) => ({
      attributes: { phoneNumber: [number], phoneNumberVerified: [verified] },
    });
    const [single, shared] = [randomInt(1e7, 1e8), randomInt(1e7, 1e8)].map((digits) => `+849${digits}`) as [
      string,
      string,
    ];
    const unproven = await createPerson(phone(single, 'false'));
    const twins = [await createPerson(phone(shared, 'true')), await createPerson(phone(shared, 'true'))];
    const byPhone = (person: TestPerson, number: string) =>
      grant({ ...person, email: number }, { identifier_scheme: 'phone' });
    expect((await byPhone(unproven, single)).body.error).toBe('invalid_grant');
    for (const twin of twins) expect((await byPhone(twin, shared)).body.error).toBe('invalid_grant');
  });

  test("users' passwords are hashed by argon2id with 64 MiB (R8)", async () => {
    const person = await createPerson();
    const [credential] = await (await admin()).users.getCredentials({
      realm: realm(),
      id: person.keycloakId,
    });
    expect(JSON.parse(credential?.credentialData ?? '{}')).toMatchObject({
      algorithm: 'argon2',
      additionalParameters: { memory: ['65536'], type: ['id'] },
    });
  });
});
