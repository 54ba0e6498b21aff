import { testParts } from '../parts.js';
import type { Walk } from './hosted-browser.js';
import { plugInAuthenticator } from './hosted-page.js';
import { createPerson, type TestPerson, TOTP_CREDENTIAL } from './people.js';
import { newPhone } from './phones.js';

type UserOptions = Parameters<typeof createPerson>[0];

/** Only to be offered: nothing answers to it. */
const securityKey = {
  type: 'webauthn',
  userLabel: 'key',
  secretData: '{}',
  credentialData: JSON.stringify({
    aaguid: '0',
    credentialId: 'AAAA',
    counter: 0,
    credentialPublicKey: 'AAAA',
  }),
};

async function passPassword({ hosted }: Walk, options: UserOptions = {}) {
  const person = await createPerson(options);
  await hosted.open();
  await hosted.fillPassword(person);
  return person;
}

const setUp = (action: string) => (walk: Walk) => passPassword(walk, { requiredActions: [action] });

async function comeBack({ hosted, page }: Walk, person: TestPerson) {
  await hosted.claims();
  await page.context().clearCookies();
  await hosted.open();
  await hosted.fillPassword(person);
}

const SIGN_IN_BY_PHONE = '#nx-other-ways button';
const FORGOTTEN = 'a[href*="reset-credentials"]';

async function typeNumber({ page }: Walk, phone: string) {
  await page.fill('#phone', phone);
  await page.click('#kc-login');
}

/** The ways to Keycloak's pages that people of this realm meet, each by name; the page is there when it resolves. */
export const HOSTED_PAGES: Record<string, (walk: Walk) => Promise<unknown>> = {
  'sign-in': ({ hosted }) => hosted.open(),
  'refused sign-in': async ({ hosted, page }) => {
    await hosted.open();
    await hosted.fillPassword({ email: 'nobody@example.test', password: 'wrong' });
    await page.locator('#input-error-username').waitFor();
  },
  'phone number': async ({ hosted, page }) => {
    await hosted.open();
    await page.click(SIGN_IN_BY_PHONE);
    await page.locator('#phone').waitFor();
  },
  'refused phone number': async (walk) => {
    await walk.hosted.open();
    await walk.page.click(SIGN_IN_BY_PHONE);
    await typeNumber(walk, 'nobody');
    await walk.page.locator('#input-error-phone').waitFor();
  },
  'code by SMS': async (walk) => {
    await walk.hosted.open();
    await walk.page.click(SIGN_IN_BY_PHONE);
    await typeNumber(walk, newPhone());
    await walk.page.locator('#nx-resend').waitFor();
  },
  'refused code by SMS': async (walk) => {
    await walk.hosted.open();
    await walk.page.click(SIGN_IN_BY_PHONE);
    await typeNumber(walk, newPhone());
    await walk.page.fill('#code', '000000');
    await walk.page.click('#kc-login');
    await walk.page.locator('#input-error-code').waitFor();
  },
  'password forgotten': async ({ hosted, page }) => {
    await hosted.open();
    await page.click(FORGOTTEN);
    await page.locator('#identifier').waitFor();
  },
  'refused address of a password forgotten': async ({ hosted, page }) => {
    await hosted.open();
    await page.click(FORGOTTEN);
    await page.fill('#identifier', 'nobody');
    await page.click('#kc-login');
    await page.locator('#input-error-identifier').waitFor();
  },
  'code for a password forgotten': async ({ hosted, page }) => {
    await hosted.open();
    await page.click(FORGOTTEN);
    await page.fill('#identifier', newPhone());
    await page.click('#kc-login');
    await page.locator('#nx-resend').waitFor();
  },
  'number to prove': async (walk) => {
    await setUp('nx-verify-phone')(walk);
    await walk.page.locator('#phone').waitFor();
  },
  'code of an app': async (walk) => {
    await passPassword(walk, { credentials: [TOTP_CREDENTIAL] });
    await walk.page.locator('#otp').waitFor();
  },
  'refused code': async (walk) => {
    await passPassword(walk, { credentials: [TOTP_CREDENTIAL] });
    await walk.page.fill('#otp', '000000');
    await walk.page.click('#kc-login');
    await walk.page.locator('#input-error-otp').waitFor();
  },
  'one of two apps': async (walk) => {
    await passPassword(walk, { credentials: [TOTP_CREDENTIAL, { ...TOTP_CREDENTIAL, userLabel: 'tablet' }] });
    await walk.page.locator('#kc-otp-credential-1').waitFor();
  },
  'choice of ways': async (walk) => {
    await passPassword(walk, { credentials: [TOTP_CREDENTIAL, securityKey] });
    await walk.page.click('#try-another-way');
    await walk.page.locator('.select-auth-container').waitFor();
  },
  'app to set up': async (walk) => {
    await setUp('CONFIGURE_TOTP')(walk);
    await walk.page.locator('#mode-manual').waitFor();
  },
  'app to set up by hand, refused': async (walk) => {
    await setUp('CONFIGURE_TOTP')(walk);
    await walk.page.click('#mode-manual');
    await walk.page.fill('#totp', '000000');
    await walk.page.click('#saveTOTPBtn');
    await walk.page.locator('[role=alert]').first().waitFor();
  },
  'passkey to make': async (walk) => {
    await setUp('webauthn-register-passwordless')(walk);
    await walk.page.locator('#registerWebAuthn').waitFor();
  },
  'passkey not made': async (walk) => {
    await setUp('webauthn-register-passwordless')(walk);
    await walk.page.evaluate('navigator.credentials.create = () => Promise.reject(new Error("cancelled"))');
    await walk.page.click('#registerWebAuthn');
    await walk.page.locator('#kc-try-again').waitFor();
  },
  'security key asked for': async (walk) => {
    await plugInAuthenticator(walk.page);
    const person = await setUp('webauthn-register')(walk);
    await walk.page.click('#registerWebAuthn');
    await comeBack(walk, person);
    await walk.page.locator('#authenticateWebAuthnButton').waitFor();
  },
  'recovery codes to keep': async (walk) => {
    await setUp('CONFIGURE_RECOVERY_AUTHN_CODES')(walk);
    await walk.page.locator('#kc-recovery-codes-list').waitFor();
  },
  'recovery code asked for': async (walk) => {
    const person = await setUp('CONFIGURE_RECOVERY_AUTHN_CODES')(walk);
    await walk.page.check('#kcRecoveryCodesConfirmationCheck');
    await walk.page.click('#saveRecoveryAuthnCodesBtn');
    await comeBack(walk, person);
    await walk.page.locator('#recoveryCodeInput').waitFor();
  },
  'password to change': async (walk) => {
    await setUp('UPDATE_PASSWORD')(walk);
    await walk.page.locator('#password-new').waitFor();
  },
  'refused new password': async (walk) => {
    await setUp('UPDATE_PASSWORD')(walk);
    await walk.page.fill('#password-new', 'password1');
    await walk.page.fill('#password-confirm', 'password1');
    await walk.page.click('[type=submit]');
    await walk.page.locator('[role=alert]').waitFor();
  },
  'profile to complete': async (walk) => {
    await setUp('UPDATE_PROFILE')(walk);
    await walk.page.locator('#firstName').waitFor();
  },
  error: async ({ page }) => {
    const { url, realm } = testParts().keycloak;
    await page.goto(`${url}/realms/${realm}/protocol/openid-connect/auth?client_id=none`);
    await page.locator('#kc-error-message').waitFor();
  },
};
