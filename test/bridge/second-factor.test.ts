import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { Secret, TOTP } from 'otpauth';
import { type Answer, signIn } from '../support/call.js';
import {
  admin,
  createPerson,
  realm,
  type TestPerson,
  TOTP_CREDENTIAL,
  TOTP_SECRET,
} from '../support/people.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const totp = new TOTP({ secret: Secret.fromUTF8(TOTP_SECRET) });
const passkey = (type: string) => ({
  type,
  userLabel: 'key',
  secretData: '{}',
  credentialData: JSON.stringify({
    aaguid: '0',
    credentialId: 'AAAA',
    counter: 0,
    credentialPublicKey: 'AAAA',
  }),
});

const failuresOf = async (person: TestPerson) =>
  (await (await admin()).attackDetection.findOne({ realm: realm(), id: person.keycloakId }))?.numFailures;

function expectHostedPage(answer: Answer): void {
  expect(answer.status).toBe(403);
  expect(answer.body).toMatchObject({
    code: 'sign_in.continue_on_hosted_page',
    nextAction: {
      type: 'continue_hosted',
      url: expect.stringContaining('/v1/api/identity/auth/login?client_id=nx-api'),
    },
  });
  expect(answer.text).not.toContain('accessToken');
  expect(answer.headers.get('set-cookie')).toBeNull();
}

async function expectNoSession(person: TestPerson): Promise<void> {
  expect(await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId })).toEqual([]);
}

describe('a person with TOTP', () => {
  test('gets no token without a code, is told where to go on, and is not counted as a failure (S14)', async () => {
    const person = await createPerson({ credentials: [TOTP_CREDENTIAL] });
    const answer = await signIn(service, person);
    expectHostedPage(answer);
    expect(answer.body.nextAction.accepts).toEqual(['totp']);
    expect(await failuresOf(person)).toBe(0);
    await expectNoSession(person);
  });

  test('gets the one refusal for a wrong code, which counts (S14)', async () => {
    const person = await createPerson({ credentials: [TOTP_CREDENTIAL] });
    const answer = await signIn(service, person, { totp: '000000' });
    expect([answer.status, answer.body.code]).toEqual([401, 'sign_in.refused']);
    expect(await failuresOf(person)).toBe(1);
    await expectNoSession(person);
  });

  test('signs in with a right code, once (S14)', async () => {
    const person = await createPerson({ credentials: [TOTP_CREDENTIAL] });
    const code = totp.generate();
    const answer = await signIn(service, person, { totp: code });
    expect(answer.status).toBe(200);
    expect((decodeJwt(answer.body.accessToken).amr as string[]).sort()).toEqual(['otp', 'pwd']);
    expect((await signIn(service, person, { totp: code })).status).toBe(401);
  });

  test('learns nothing about the code from a wrong password (S14)', async () => {
    const person = await createPerson({ credentials: [TOTP_CREDENTIAL] });
    const wrong = { ...person, password: 'wrong' };
    const answers = [await signIn(service, wrong), await signIn(service, wrong, { totp: totp.generate() })];
    for (const answer of answers) expect([answer.status, answer.body.code]).toEqual([401, 'sign_in.refused']);
  });
});

describe('a person whom only the hosted page can sign in', () => {
  test.each(['webauthn', 'webauthn-passwordless'])(
    'gets no token by the interface with a %s credential (S14)',
    async (type) => {
      const person = await createPerson({ credentials: [passkey(type)] });
      const answer = await signIn(service, person);
      expectHostedPage(answer);
      expect(answer.body.nextAction.accepts).toBeUndefined();
      await expectNoSession(person);
    },
  );

  test('a passkey beside TOTP is not got round by the code (S14)', async () => {
    const person = await createPerson({ credentials: [TOTP_CREDENTIAL, passkey('webauthn')] });
    expectHostedPage(await signIn(service, person, { totp: totp.generate() }));
    await expectNoSession(person);
  });

  test.each(['UPDATE_PASSWORD', 'VERIFY_EMAIL', 'CONFIGURE_TOTP'])(
    'gets no token while %s is pending (S14)',
    async (action) => {
      const person = await createPerson({ requiredActions: [action] });
      expectHostedPage(await signIn(service, person));
      await expectNoSession(person);
    },
  );
});
