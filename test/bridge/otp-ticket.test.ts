import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt, SignJWT } from 'jose';
import { createSigner, readKeyFiles, type Signer } from '../../src/tokens/index.js';
import { testParts } from '../parts.js';
import { postForm } from '../support/call.js';
import { admin, createPerson, realm, type TestPerson, TOTP_CREDENTIAL } from '../support/people.js';

const GRANT = 'urn:nx:params:oauth:grant-type:first-party';
const { keycloak, keysDir } = testParts();
const { url, clientId, clientSecret } = keycloak;
const issuer = `${url}/realms/${realm()}`;
const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
const now = () => Math.floor(Date.now() / 1000);

let key: KeyObject;
let signer: Signer;
beforeAll(async () => {
  key = readKeyFiles(keysDir).otpTicket;
  signer = await createSigner(key);
});

/** A good ticket, with what the test changes about it. */
function ticketFor(
  person: TestPerson,
  {
    claims = {},
    header = {},
    by = key,
  }: { claims?: Record<string, unknown>; header?: object; by?: KeyObject } = {},
) {
  const good = {
    aud: issuer,
    azp: clientId,
    sub: person.keycloakId,
    jti: randomUUID(),
    iat: now() - 2,
    exp: now() + 25,
  };
  return new SignJWT({ ...good, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: signer.kid, typ: 'otp-ticket+jwt', ...header })
    .sign(by);
}

async function signIn(person: TestPerson, ticket: string, extra: Record<string, string> = {}) {
  for (;;) {
    const answer = await postForm(
      `${issuer}/protocol/openid-connect/token`,
      {
        grant_type: GRANT,
        identifier: person.email,
        identifier_scheme: 'email',
        otp_ticket: ticket,
        scope: 'openid',
        ...extra,
      },
      { authorization },
    );
    if (answer.body.error !== 'temporarily_unavailable') return answer;
  }
}

const failuresOf = async (person: TestPerson) =>
  (await (await admin()).attackDetection.findOne({ realm: realm(), id: person.keycloakId }))?.numFailures;

describe('the first-party grant by ticket', () => {
  test('opens a genuine Keycloak session whose amr says how (O1)', async () => {
    const person = await createPerson();
    const answer = await signIn(person, await ticketFor(person));
    expect(answer.status).toBe(200);
    expect(decodeJwt(answer.body.access_token)).toMatchObject({ sub: person.keycloakId, amr: ['otp'] });
    const sessions = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    expect(sessions).toHaveLength(1);
  });

  test('opens one session by one ticket, however often it is shown (D3)', async () => {
    const person = await createPerson();
    const ticket = await ticketFor(person);
    const answers = await Promise.all(Array.from({ length: 6 }, () => signIn(person, ticket)));
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    expect(answers.filter((answer) => answer.body.error === 'invalid_grant')).toHaveLength(5);
  });

  test.each<[string, object]>([
    ['for another realm', { claims: { aud: 'https://elsewhere.test/realms/nx' } }],
    ['for two audiences', { claims: { aud: [issuer, 'other'] } }],
    ['for another client', { claims: { azp: 'nx-spa' } }],
    ['for another person', { claims: { sub: randomUUID() } }],
    ['without a person', { claims: { sub: undefined } }],
    ['without an id', { claims: { jti: undefined } }],
    ['without an end', { claims: { exp: undefined } }],
    ['that is over', { claims: { iat: now() - 40, exp: now() - 11 } }],
    ['that lives too long', { claims: { exp: now() + 3600 } }],
    ['from the future', { claims: { iat: now() + 60, exp: now() + 80 } }],
    ['of another kind', { header: { typ: 'at+jwt' } }],
    ['by an unknown key', { header: { kid: 'unknown' } }],
    ['by a stranger’s key', { by: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }],
  ])('refuses a ticket %s, and does not count it against the person (D3)', async (_name, change) => {
    const person = await createPerson();
    const answer = await signIn(person, await ticketFor(person, change));
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_grant']);
    expect((await failuresOf(person)) ?? 0).toBe(0);
  });

  test.each(['', 'x', 'a.b.c', `e30.${'A'.repeat(3000)}.e30`])(
    'refuses %.12s, which is no ticket',
    async (ticket) => {
      const answer = await signIn(await createPerson(), ticket);
      expect(answer.status).toBe(400);
      expect(answer.body.access_token).toBeUndefined();
    },
  );

  test('does not get round a second factor (S14)', async () => {
    const person = await createPerson({ credentials: [TOTP_CREDENTIAL] });
    const answer = await signIn(person, await ticketFor(person));
    expect(answer.body).toMatchObject({ error: 'interaction_required', reason: 'totp_required' });
  });

  test('refuses a disabled person and one with a pending action (S9)', async () => {
    const [disabled, pending] = [await createPerson({ enabled: false }), await createPerson()];
    await (await admin()).users.update(
      { realm: realm(), id: pending.keycloakId },
      { email: pending.email, requiredActions: ['UPDATE_PASSWORD'] },
    );
    expect((await signIn(disabled, await ticketFor(disabled))).body.error).toBe('invalid_grant');
    expect((await signIn(pending, await ticketFor(pending))).body.error).toBe('interaction_required');
  });

  test('refuses a ticket beside a password (D2)', async () => {
    const person = await createPerson();
    const answer = await signIn(person, await ticketFor(person), { password: person.password });
    expect([answer.status, answer.body.error]).toEqual([400, 'invalid_request']);
  });

  test('clears the failures that were counted before it (D2)', async () => {
    const person = await createPerson();
    await postForm(
      `${issuer}/protocol/openid-connect/token`,
      { grant_type: GRANT, identifier: person.email, identifier_scheme: 'email', password: 'wrong' },
      { authorization },
    );
    expect(await failuresOf(person)).toBe(1);
    expect((await signIn(person, await ticketFor(person))).status).toBe(200);
    expect(await failuresOf(person)).toBe(0);
  });
});
