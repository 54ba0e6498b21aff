import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { DEMO_MERCHANTS, DEMO_ORGANIZER, DEMO_PEOPLE } from '../../embedded/demo-data.js';
import { BASE, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

const [, owner, cashier] = DEMO_PEOPLE;
let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('password sign-in', () => {
  test('the owner gets an ES256 token with roles, organizers and merchants from PolicyDefinition (S3, T2, T3)', async () => {
    const answer = await signIn(service, owner);
    expect(answer.status).toBe(200);
    const keys = createRemoteJWKSet(new URL(`${service.url}/jw-certs`));
    const { payload, protectedHeader } = await jwtVerify(answer.body.accessToken, keys, {
      issuer: service.infrastructure.config.tokens.issuer,
      audience: 'nx',
      algorithms: ['ES256'],
    });
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: expect.any(String), typ: 'at+jwt' });
    expect(payload).toMatchObject({
      sub: owner.id,
      userId: owner.id,
      account_id: owner.id,
      account_type: 'user',
      client_id: 'nx-api',
      typ: 'Bearer',
      token_type: 'platform',
      token_scope: 'PLATFORM',
      organizers: [DEMO_ORGANIZER.id],
      merchants: DEMO_MERCHANTS.map(({ id }) => id),
      amr: ['pwd'],
      session_id: answer.body.sessionId,
    });
    expect((payload.roles as { identifier: string }[]).map((role) => role.identifier)).toEqual([
      '500_owner',
      '010_user',
    ]);
    expect(payload.policy_version).toBeGreaterThan(0);
    expect((payload.nbf as number) < (payload.iat as number)).toBe(true);
  });

  test('the cashier sees one merchant and its organizer only (T3)', async () => {
    const { accessToken } = (await signIn(service, cashier)).body;
    expect(decodeJwt(accessToken)).toMatchObject({
      organizers: [DEMO_ORGANIZER.id],
      merchants: [DEMO_MERCHANTS[0]?.id],
    });
  });

  test('the session answer has the shape of the contract, with the phone masked (S3)', async () => {
    const { body, headers } = await signIn(service, owner);
    expect(body).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 900,
      refreshExpiresIn: expect.any(Number),
      sessionId: expect.any(String),
      user: {
        id: owner.id,
        displayName: 'Oanh Owner',
        email: owner.email,
        phone: '+84*****0001',
        emailVerified: true,
        phoneVerified: true,
      },
      nextAction: { type: 'none' },
    });
    expect(headers.get('cache-control')).toBe('no-store');
    const cookie = headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^nx_refresh=ey.*HttpOnly; SameSite=Strict/);
    expect(cookie).toContain(`Path=${BASE}/auth;`);
  });

  test.each([
    ['email', 'Owner@Demo.Test '],
    ['phone', '0901 000 001'],
    ['phone', '+84901000001'],
    ['username', 'owner@demo.test'],
  ])('the owner is the same person by %s "%s" (S3)', async (scheme, value) => {
    const answer = await post(`${service.url}${BASE}/auth/sign-in`, {
      identifier: { scheme, value },
      credential: { scheme: 'password', value: owner.password },
    });
    expect(answer.status).toBe(200);
    expect(answer.body.user.id).toBe(owner.id);
  });

  test('a person stays one person however many first sign-ins race, and has the default role in every token (S4)', async () => {
    const person = await createPerson();
    const answers = await Promise.all(Array.from({ length: 4 }, () => signIn(service, person)));
    expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
    const claims = answers.map((answer) => decodeJwt(answer.body.accessToken));
    expect(new Set(claims.map((claim) => claim.sub)).size).toBe(1);
    for (const claim of claims)
      expect(claim.roles).toEqual([{ id: '3', identifier: '010_user', priority: 10 }]);
    const roles = await sql(`SELECT FROM public."PolicyDefinition" WHERE subject_id = $1`, [claims[0]?.sub]);
    expect(roles).toHaveLength(1);
  });

  test("the session is a real one in Keycloak's console, with the visitor's address (S1, D2)", async () => {
    const person = await createPerson();
    const visited = await startService({ IDENTITY_TRUSTED_HOPS: '1' });
    try {
      await signIn(visited, person, {
        headers: { 'x-forwarded-for': '198.51.100.7', 'user-agent': 'Mozilla/5.0 (X11)' },
      });
    } finally {
      await visited.stop();
    }
    const sessions = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    expect(sessions).toHaveLength(1);
    expect(sessions[0]?.ipAddress).toBe('198.51.100.7');
    const [row] = await sql<{ keycloak_sid: string }>(
      'SELECT * FROM identity."AuthSession" WHERE keycloak_sid = $1',
      [sessions[0]?.id],
    );
    expect(row).toMatchObject({ address: '198.51.100.7', agent: 'Mozilla/5.0 (X11)', origin: 'sign_in' });
  });

  test("Keycloak's refresh token is kept sealed and leaves the server nowhere (D4)", async () => {
    const answer = await signIn(service, owner);
    const [row] = await sql<{ keycloak_refresh_token: string }>(
      'SELECT keycloak_refresh_token FROM identity."AuthSession" WHERE id = $1',
      [answer.body.sessionId],
    );
    expect(row?.keycloak_refresh_token).toMatch(/^[\w-]{8}\.[\w-]+$/);
    expect(decodeProtectedHeader(answer.body.refreshToken)).toMatchObject({ alg: 'EdDSA', typ: 'rt+jwt' });
  });

  test('an unknown client is refused before anything happens (contract §4)', async () => {
    const answer = await post(`${service.url}${BASE}/auth/sign-in`, {
      identifier: { scheme: 'email', value: owner.email },
      credential: { scheme: 'password', value: owner.password },
      clientId: 'nobody',
    });
    expect([answer.status, answer.body.code]).toEqual([422, 'sign_in.unknown_client']);
  });
});

describe('refusals', () => {
  const lastingHeaders = (headers: Headers) =>
    [...headers].filter(
      ([name]) => !['x-request-id', 'date', 'ratelimit', 'ratelimit-policy', 'content-length'].includes(name),
    );

  test('wrong, unknown, disabled, locked and suspended answer alike (S3, O5)', async () => {
    const [wrong, disabled, locked, suspended] = await Promise.all([
      createPerson(),
      createPerson({ enabled: false }),
      createPerson(),
      createPerson(),
    ]);
    await signIn(service, suspended);
    await sql(`UPDATE identity."User" SET status = 'SUSPENDED' WHERE email = $1`, [suspended.email]);
    for (let failure = 0; failure < 10; failure += 1) await signIn(service, { ...locked, password: 'wrong' });
    const answers = await Promise.all([
      signIn(service, { ...wrong, password: 'wrong' }),
      signIn(service, { email: 'nobody@example.test', password: 'wrong' }),
      signIn(service, disabled),
      signIn(service, locked),
      signIn(service, suspended),
    ]);
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect({ ...answer.body, requestId: '' }).toEqual({ ...answers[0]?.body, requestId: '' });
      expect(lastingHeaders(answer.headers)).toEqual(lastingHeaders(answers[0]?.headers ?? new Headers()));
    }
    expect(answers[0]?.body).toMatchObject({
      code: 'sign_in.refused',
      statusCode: 401,
      normalized: { code: 'sign_in.refused' },
    });
    const left = await (await admin()).users.listSessions({ realm: realm(), id: suspended.keycloakId });
    expect(left).toHaveLength(1); // the one from before the suspension
  });

  test('a value that Keycloak takes for none is a wrong one, and does not pass for Keycloak being away (S3)', async () => {
    const person = await createPerson();
    for (const password of ['\u0000', '\u0001\u0002', '\t', '%00', '%01%02']) {
      const answer = await signIn(service, { ...person, password });
      expect([password, answer.status, answer.body.code]).toEqual([password, 401, 'sign_in.refused']);
    }
    expect((await signIn(service, { email: '%00', password: 'any' })).status).toBe(401);
  });

  test("wrong passwords raise Keycloak's failure counter to a lockout (S3, D2)", async () => {
    const person = await createPerson();
    for (let failure = 0; failure < 10; failure += 1) await signIn(service, { ...person, password: 'wrong' });
    const status = await (await admin()).attackDetection.findOne({ realm: realm(), id: person.keycloakId });
    expect(status).toMatchObject({ numFailures: 10, disabled: true });
    expect((await signIn(service, person)).status).toBe(401);
  });

  test('an identifier has ten tries a minute over all its spellings and replicas, then 429 with Retry-After (contract)', async () => {
    const person = await createPerson();
    const limited = { IDENTITY_LIMIT_SIGN_IN_PER_IDENTIFIER: '10' };
    const [one, two] = [await startService(limited), await startService(limited)];
    try {
      const wrong = { ...person, password: 'wrong' };
      for (let attempt = 0; attempt < 5; attempt += 1) {
        expect((await signIn(one, wrong)).status).toBe(401);
        expect((await signIn(two, { ...wrong, email: wrong.email.toUpperCase() })).status).toBe(401);
      }
      const refused = await signIn(one, person);
      expect([refused.status, refused.body.code]).toEqual([429, 'request.too_many']);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(refused.headers.get('ratelimit')).toContain('sign-in-identifier');
      expect(refused.headers.get('ratelimit-policy')).toContain('q=10; w=60');
    } finally {
      await Promise.all([one.stop(), two.stop()]);
    }
  });
});
