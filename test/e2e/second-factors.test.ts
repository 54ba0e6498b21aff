import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { signIn } from '../support/call.js';
import { hasChromium } from '../support/chromium.js';
import { useHostedBrowser } from '../support/hosted-browser.js';
import { type HostedVisit, plugInAuthenticator, totpCode } from '../support/hosted-page.js';
import { createPerson, type TestPerson } from '../support/people.js';

const inChromium = hasChromium() ? describe : describe.skip;

inChromium('a second factor on Keycloak’s pages, set up there and asked for the next time', () => {
  const { start, service } = useHostedBrowser();
  let page: Page;
  let hosted: HostedVisit;
  beforeEach(async () => {
    ({ page, hosted } = await start());
  });

  /** Signs in by password, which leads to the page of what is required. */
  async function startSetUp(requiredAction: string) {
    const person = await createPerson({ requiredActions: [requiredAction] });
    await hosted.open();
    await hosted.fillPassword(person);
    return person;
  }
  /** As on another day: the browser knows nobody any more; its authenticator keeps its keys. */
  async function comeBack() {
    await page.context().clearCookies();
    await hosted.open();
  }

  /** The API's sign-in can't take this factor, and gives nothing for the password alone. */
  async function expectLedToThePage(person: TestPerson) {
    const { status, body } = await signIn(service(), person);
    expect([status, body.code]).toEqual([403, 'sign_in.continue_on_hosted_page']);
  }

  test('the code of an authenticator app: a used one is refused, a new one ends in a token that says so (S2, S14)', async () => {
    const person = await startSetUp('CONFIGURE_TOTP');
    await page.click('#mode-manual');
    const key = (await page.textContent('#kc-totp-secret-key')) ?? '';
    const used = totpCode(key);
    await page.fill('#totp', used);
    await page.click('#saveTOTPBtn');
    const first = await hosted.claims();
    expect(first.amr).toEqual(['pwd']);

    await comeBack();
    await hosted.fillPassword(person);
    await page.fill('#otp', used);
    await page.click('#kc-login');
    await page.locator('#input-error-otp[role=alert]').waitFor();
    await page.fill('#otp', totpCode(key, 1));
    await page.click('#kc-login');
    expect(await hosted.claims()).toMatchObject({
      userId: first.userId,
      amr: expect.arrayContaining(['pwd', 'otp']),
      acr: '1',
    });
  });

  test('a passkey, which is both factors: no password and no code is asked for (S2, S14)', async () => {
    const authenticator = await plugInAuthenticator(page);
    const person = await startSetUp('webauthn-register-passwordless');
    await page.click('#registerWebAuthn');
    const first = await hosted.claims();
    await expectLedToThePage(person);

    await authenticator.setTouch(false);
    await comeBack();
    await page.locator('#authenticateWebAuthnButton').waitFor();
    await authenticator.setTouch(true);
    await page.click('#authenticateWebAuthnButton');
    // Keycloak names the step, not what was shown to it: the step is the password form's (keycloak/realm/README.md).
    expect(await hosted.claims()).toMatchObject({ userId: first.userId, amr: ['pwd'], acr: '1' });
    const asked = (await authenticator.credentials()).map(({ signCount }) => signCount);
    expect(asked).toEqual([2]); // once when it was made, once now
  });

  test('a security key after the password (S2, S14)', async () => {
    await plugInAuthenticator(page);
    const person = await startSetUp('webauthn-register');
    await page.click('#registerWebAuthn');
    const first = await hosted.claims();
    await expectLedToThePage(person);

    await comeBack();
    await hosted.fillPassword(person);
    await page.click('#authenticateWebAuthnButton');
    expect(await hosted.claims()).toMatchObject({
      userId: first.userId,
      amr: expect.arrayContaining(['pwd', 'hwk']),
      acr: '1',
    });
  });

  test('a recovery code: each is good once (S2, S14)', async () => {
    const person = await startSetUp('CONFIGURE_RECOVERY_AUTHN_CODES');
    const [code = ''] = await page.locator('#kc-recovery-codes-list li').allTextContents();
    await page.check('#kcRecoveryCodesConfirmationCheck');
    await page.click('#saveRecoveryAuthnCodesBtn');
    const first = await hosted.claims();
    await expectLedToThePage(person);

    await comeBack();
    await hosted.fillPassword(person);
    await page.fill('#recoveryCodeInput', code);
    await page.click('#kc-login');
    expect(await hosted.claims()).toMatchObject({
      userId: first.userId,
      amr: expect.arrayContaining(['pwd', 'otp']),
      acr: '1',
    });

    await comeBack();
    await hosted.fillPassword(person);
    await page.fill('#recoveryCodeInput', code);
    await page.click('#kc-login');
    await page.locator('#input-error-recoveryCodeInput[role=alert]').waitFor();
  });
});
