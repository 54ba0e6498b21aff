import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { purgeExpired } from '../../src/database/purge-expired.js';
import { createRelayEnds, endUnredeemed } from '../../src/sessions/index.js';
import { queryOf, redeem, signInHosted } from '../support/browser.js';
import { BASE, post, signIn } from '../support/call.js';
import { sql, worker } from '../support/database.js';
import { admin, createPerson, realm } from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

interface SessionRow {
  id: string;
  keycloak_sid: string;
  end_reason: string | null;
}

const ofPerson = (keycloakId: string) =>
  sql<SessionRow>(
    `SELECT session.id, keycloak_sid, end_reason FROM identity."AuthSession" AS session
     JOIN identity."User" AS person ON person.id = session.user_id WHERE person.keycloak_id = $1
     ORDER BY session.created_at`,
    [keycloakId],
  );
const letRunOut = (code: string) =>
  sql(
    `UPDATE identity."AuthorizationCode" SET expires_at = now() - interval '1 second' WHERE code_hash = $1`,
    [createHash('sha256').update(code).digest('base64url')],
  );
const inKeycloak = async (keycloakId: string) =>
  (await admin()).users.listSessions({ realm: realm(), id: keycloakId });

describe('a one-time code that nobody redeems', () => {
  test('takes its session with it when it runs out, in Keycloak too (X3, S8)', async () => {
    const person = await createPerson();
    const { code } = await signInHosted(service, person);
    await endUnredeemed(worker);
    expect(await ofPerson(person.keycloakId)).toMatchObject([{ end_reason: null }]); // it still has its minute
    await letRunOut(code);
    await endUnredeemed(worker);
    expect(await ofPerson(person.keycloakId)).toMatchObject([{ end_reason: 'code_unredeemed' }]);
    const trail = await sql(
      `SELECT FROM identity."AuditEvent" WHERE action = 'session.ended' AND after->>'reason' = 'code_unredeemed'
       AND subject_id = (SELECT id FROM identity."User" WHERE keycloak_id = $1)`,
      [person.keycloakId],
    );
    expect(trail).toHaveLength(1);
    const { database, admin: keycloak } = service.infrastructure;
    const { relayToKeycloak } = createRelayEnds({ database, keycloak });
    while ((await relayToKeycloak()) > 0);
    expect(await inKeycloak(person.keycloakId)).toEqual([]);
  });

  test("leaves the person's other session on the same Keycloak session alone (S8)", async () => {
    const person = await createPerson();
    const first = await signInHosted(service, person);
    const { refresh_token } = (await redeem(service, first.app, first.code)).body;
    const abandoned = await signInHosted(service, person, { browser: first.browser });
    await letRunOut(abandoned.code);
    await endUnredeemed(worker);
    expect(await ofPerson(person.keycloakId)).toMatchObject([{ end_reason: null }]);
    expect((await post(`${service.url}${BASE}/auth/refresh`, { refreshToken: refresh_token })).status).toBe(
      200,
    );
    const again = await signInHosted(service, person, { browser: first.browser });
    expect(queryOf(again.back).error).toBeUndefined();
    expect(await inKeycloak(person.keycloakId)).toHaveLength(1);
  });

  test('leaves a session alone that goes on by its cookie (S7)', async () => {
    const person = await createPerson();
    const { browser, code } = await signInHosted(service, person);
    const byCookie = await browser.visit(`${service.url}${BASE}/auth/refresh`, { method: 'POST' });
    expect(byCookie.status).toBe(200);
    await letRunOut(code);
    await endUnredeemed(worker);
    expect(await ofPerson(person.keycloakId)).toMatchObject([{ end_reason: null }]);
  });
});

test.each([
  [
    'that ended goes after thirty days',
    `ended_at = now() - interval '31 days', end_reason = 'signed_out', keycloak_ended_at = now()`,
    0,
  ],
  [
    'that ended stays until then',
    `ended_at = now() - interval '29 days', end_reason = 'signed_out', keycloak_ended_at = now()`,
    1,
  ],
  [
    'of whose end Keycloak has not been told stays',
    `ended_at = now() - interval '31 days', end_reason = 'signed_out'`,
    1,
  ],
  ['that ran out goes after thirty days', `expires_at = now() - interval '31 days'`, 0],
])('a session %s (X3)', async (_what, change, left) => {
  const person = await createPerson();
  const { sessionId } = (await signIn(service, person)).body;
  await sql(`UPDATE identity."AuthSession" SET ${change} WHERE id = $1`, [sessionId]);
  await purgeExpired(worker);
  expect(await ofPerson(person.keycloakId)).toHaveLength(left);
});
