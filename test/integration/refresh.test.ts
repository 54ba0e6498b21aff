import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import { testParts } from '../parts.js';
import { BASE, bearer, call, post, signIn } from '../support/call.js';
import { sql } from '../support/database.js';
import { signInOnPage } from '../support/keycloak-page.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let replica: TestService;
beforeAll(async () => {
  service = await startService({}, { worker: true });
  replica = await startService();
});
afterAll(() => Promise.all([service.stop(), replica.stop()]));

const refresh = (refreshToken: string, at = service) =>
  post(`${at.url}${BASE}/auth/refresh`, { refreshToken });

/** Moves a session's clock: what would take minutes is written into the row. */
const age = (sessionId: string, column: string, seconds: number) =>
  sql(`UPDATE identity."AuthSession" SET ${column} = ${column} - make_interval(secs => $2) WHERE id = $1`, [
    sessionId,
    seconds,
  ]);

async function signedIn() {
  const person = await createPerson();
  const { body } = await signIn(service, person);
  return {
    person,
    sessionId: body.sessionId as string,
    refreshToken: body.refreshToken as string,
    user: body.user,
  };
}

describe('refresh', () => {
  test('a refresh takes a new snapshot of the roles (T3)', async () => {
    const { refreshToken, user } = await signedIn();
    await sql(
      `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id, domain)
       VALUES ($1, 'assign_role', 'User', $2, 'Role', '2', 'Organizer_4711')`,
      [`test-${user.id}`, user.id],
    );
    const answer = await refresh(refreshToken);
    expect(answer.status).toBe(200);
    const claims = decodeJwt(answer.body.accessToken);
    expect(claims).toMatchObject({ organizers: ['4711'] });
    expect((claims.roles as { identifier: string }[]).map((role) => role.identifier)).toEqual([
      '500_owner',
      '010_user',
    ]);
  });

  test('fifty refreshes with one token at once, on two replicas, give one successor (S10)', async () => {
    const { refreshToken, sessionId } = await signedIn();
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => refresh(refreshToken, index % 2 ? service : replica)),
    );
    expect(answers.map((answer) => answer.status)).toEqual(Array(50).fill(200));
    expect(new Set(answers.map((answer) => answer.body.refreshToken)).size).toBe(1);
    const [row] = await sql('SELECT refresh_generation, ended_at FROM identity."AuthSession" WHERE id = $1', [
      sessionId,
    ]);
    expect(row).toEqual({ refresh_generation: 1, ended_at: null });
  });

  test('a client that lost the answer gets byte for byte the same successor within the grace (S10)', async () => {
    const { refreshToken, sessionId } = await signedIn();
    const first = await refresh(refreshToken);
    await age(sessionId, 'refreshed_at', 15);
    const again = await refresh(refreshToken, replica);
    expect(again.status).toBe(200);
    const [row] = await sql<{ iat: string }>(
      'SELECT floor(extract(epoch FROM refreshed_at))::text AS iat FROM identity."AuthSession" WHERE id = $1',
      [sessionId],
    );
    // The row was moved by 15 s, and with it what the token is derived from.
    expect(decodeJwt(again.body.refreshToken)).toEqual({
      ...decodeJwt(first.body.refreshToken),
      iat: Number(row?.iat),
      exp: Number(row?.iat) + 5400,
    });
    expect((await refresh(refreshToken)).body.refreshToken).toBe(again.body.refreshToken);
  });

  test('an old token after the grace ends the whole session, in Keycloak too (S10)', async () => {
    const { person, refreshToken, sessionId } = await signedIn();
    const first = await refresh(refreshToken);
    await age(sessionId, 'refreshed_at', 21);
    const reused = await refresh(refreshToken);
    expect([reused.status, reused.body.code]).toEqual([401, 'session.ended']);
    expect((await refresh(first.body.refreshToken)).status).toBe(401);
    await untilNoSession(person.keycloakId);
  });

  test('once the successor has been used, the old token ends the session even within the grace (S10)', async () => {
    const { refreshToken, sessionId } = await signedIn();
    const successor = (await refresh(refreshToken)).body.refreshToken;
    const newest = (await refresh(successor)).body.refreshToken;
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await refresh(newest)).status).toBe(401);
    const [row] = await sql('SELECT end_reason FROM identity."AuthSession" WHERE id = $1', [sessionId]);
    expect(row).toEqual({ end_reason: 'refresh_token_reused' });
  });

  test('a session ends at its absolute end, whatever its use (S8)', async () => {
    const { refreshToken, sessionId } = await signedIn();
    await age(sessionId, 'expires_at', 28_800);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  test('a session that an administrator ended in the console is refused at the next check of Keycloak (S9)', async () => {
    const { person, refreshToken, sessionId } = await signedIn();
    await (await admin()).users.logout({ realm: realm(), id: person.keycloakId });
    await age(sessionId, 'keycloak_checked_at', 301);
    expect((await refresh(refreshToken)).body.code).toBe('session.ended');
  });

  test('a disabled person is refused at the next check of Keycloak (S9)', async () => {
    const { person, refreshToken, sessionId } = await signedIn();
    await (await admin()).users.update({ realm: realm(), id: person.keycloakId }, { enabled: false });
    await age(sessionId, 'keycloak_checked_at', 301);
    expect((await refresh(refreshToken)).body.code).toBe('session.ended');
  });

  test('a session that Keycloak still knows goes on after the check (D4)', async () => {
    const { refreshToken, sessionId } = await signedIn();
    await age(sessionId, 'keycloak_checked_at', 301);
    const answers = await Promise.all(Array.from({ length: 5 }, () => refresh(refreshToken)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(5).fill(200));
  });

  test('the cookie refreshes too, but not from a foreign origin (S7)', async () => {
    const { refreshToken } = await signedIn();
    const url = `${service.url}${BASE}/auth/refresh`;
    const cookie = `nx_refresh=${refreshToken}`;
    const foreign = await post(url, {}, { cookie, origin: 'https://evil.example' });
    expect([foreign.status, foreign.body.code]).toEqual([403, 'session.foreign_origin']);
    const own = await post(url, {}, { cookie, origin: service.infrastructure.config.tokens.issuer });
    expect(own.status).toBe(200);
    expect(own.headers.get('set-cookie')).toContain('nx_refresh=');
  });
});

describe('a refresh token shown as an access token', () => {
  test('is refused by us, and no key of /jw-certs verifies it (D1)', async () => {
    const { refreshToken } = await signedIn();
    const answer = await call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(refreshToken) });
    expect([answer.status, answer.body.code]).toEqual([401, 'token.invalid']);
    const keys = createRemoteJWKSet(new URL(`${service.url}/jw-certs`));
    await expect(jwtVerify(refreshToken, keys)).rejects.toThrow(/no applicable key/);
  });

  test('an access token is refused as a refresh token (D1)', async () => {
    const { body } = await signIn(service, await createPerson());
    expect((await refresh(body.accessToken)).body.code).toBe('token.invalid');
  });
});

describe('sign-out', () => {
  test('ends this session here and in Keycloak, and its tokens with it (S8)', async () => {
    const person = await createPerson();
    const { body } = await signIn(service, person);
    const other = await signIn(service, person);
    const answer = await post(`${service.url}${BASE}/auth/sign-out`, {}, bearer(body.accessToken));
    expect(answer.status).toBe(204);
    expect(answer.headers.get('set-cookie')).toMatch(/nx_refresh=;/);
    expect((await refresh(body.refreshToken)).status).toBe(401);
    expect((await whoAmI(body.accessToken)).body.code).toBe('session.ended');
    expect((await whoAmI(other.body.accessToken)).status).toBe(200);
    const left = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    expect(left).toHaveLength(1);
  });

  test('sign-out-all ends every session of the person, those that only Keycloak knows included, and nobody else’s (S8)', async () => {
    const [person, bystander] = [await createPerson(), await createPerson()];
    await signInOnPage(person, { id: 'nx-spa', redirectUri: `${testParts().service.url}/` });
    const mine = [await signIn(service, person), await signIn(replica, person)];
    const theirs = await signIn(service, bystander);
    const answer = await post(
      `${replica.url}${BASE}/auth/sign-out-all`,
      {},
      bearer(mine[0]?.body.accessToken),
    );
    expect(answer.status).toBe(204);
    for (const { body } of mine) {
      expect((await whoAmI(body.accessToken)).status).toBe(401);
      expect((await refresh(body.refreshToken)).status).toBe(401);
    }
    expect((await whoAmI(theirs.body.accessToken)).status).toBe(200);
    await untilNoSession(person.keycloakId);
  });

  test('what could not be ended in Keycloak at once is ended by the worker (L0)', async () => {
    const person = await createPerson();
    const cutOff = await startService({}, {});
    const { body } = await signIn(cutOff, person);
    await sql(`UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'signed_out' WHERE id = $1`, [
      body.sessionId,
    ]);
    await cutOff.stop();
    await untilNoSession(person.keycloakId);
  });
});

test('who-am-i answers the claims and the person (contract §4)', async () => {
  const person = await createPerson();
  const { body } = await signIn(service, person);
  const answer = await whoAmI(body.accessToken);
  expect(answer.body).toEqual({ claims: decodeJwt(body.accessToken), user: body.user });
  const anonymous = await call(`${service.url}${BASE}/auth/who-am-i`);
  expect([anonymous.status, anonymous.body.code]).toEqual([401, 'token.missing']);
  expect(anonymous.headers.get('www-authenticate')).toMatch(/^Bearer/);
});

function whoAmI(token: string) {
  return call(`${service.url}${BASE}/auth/who-am-i`, { headers: bearer(token) });
}

/** The worker relays every two seconds. */
async function untilNoSession(keycloakId: string): Promise<void> {
  const deadline = performance.now() + 15_000;
  const client = await admin();
  while ((await client.users.listSessions({ realm: realm(), id: keycloakId })).length > 0) {
    if (performance.now() > deadline) throw new Error('the Keycloak session lives on');
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
