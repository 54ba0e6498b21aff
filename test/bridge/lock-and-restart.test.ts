import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import { codeFromInbox } from '../support/inbox.js';
import { askForCode, tokenOf } from '../support/phone-page.js';
import { requestCode, verifyCode } from '../support/phones.js';
import { restartKeycloak } from '../support/restart-keycloak.js';
import { startService, type TestService } from '../support/service.js';

/** otp@demo.test, whom nothing else uses. */
const PHONE = '+84901000003';
const RESTARTS_MS = 300_000;

let service: TestService;
beforeAll(async () => {
  // Where Keycloak was told that the service is.
  const { port, internalPort } = testParts().service;
  const ports = { IDENTITY_PORT: String(port), IDENTITY_INTERNAL_PORT: String(internalPort) };
  service = await startService(ports, { worker: true });
});
afterAll(() => service.stop());

const wrong = (code: string) => (code === '000000' ? '000001' : '000000');
let lastCode: string | undefined;
async function newCode(): Promise<string> {
  lastCode = await codeFromInbox(service, PHONE, lastCode);
  return lastCode;
}
const redis = () => service.infrastructure.redis;

async function lockAtTheApi(): Promise<void> {
  const { body } = await requestCode(service, PHONE);
  const code = await newCode();
  for (let n = 0; n < 5; n++) {
    const refused = await verifyCode(service, { challengeId: body.challengeId, code: wrong(code) });
    expect([refused.status, refused.body.code]).toEqual([401, 'otp.invalid']);
  }
}

async function lockOnThePage(): Promise<void> {
  let { code: page } = await askForCode(service, PHONE);
  const code = await newCode();
  for (let n = 0; n < 5; n++) page = await page.post({ code: wrong(code) });
  expect(page.error).toBe('The code is wrong or no longer valid.');
}

async function expectLocked(): Promise<void> {
  const api = await requestCode(service, PHONE);
  expect([api.status, api.body.code]).toEqual([429, 'otp.locked']);
  const { code: page } = await askForCode(service, PHONE);
  expect(page.error).toMatch(/^Please try again in 1\d minutes\.$/);
}

/** Both doors, to the end. */
async function expectUnlocked(): Promise<void> {
  const { body } = await requestCode(service, PHONE);
  expect((await verifyCode(service, { challengeId: body.challengeId, code: await newCode() })).status).toBe(
    200,
  );
  const visit = await askForCode(service, PHONE);
  const claims = await tokenOf(service, visit, await visit.code.post({ code: await newCode() }));
  expect(claims.userId).toEqual(expect.any(String));
}

describe('the lock of a number', () => {
  test.each([
    ['at the API', lockAtTheApi],
    ['on Keycloak’s page', lockOnThePage],
  ])(
    'set %s holds on both doors across a restart of Keycloak, and deleting its key lifts it wholly (O3, O4)',
    async (_where, lock) => {
      await lock();
      await expectLocked();
      await restartKeycloak();
      await expectLocked();
      expect(await redis().del(`phone-auth:lock:${PHONE}`)).toBe(1);
      await expectUnlocked();
    },
    RESTARTS_MS,
  );
});
