import { describe, expect, test } from '@jest/globals';
import { hasChromium } from '../support/chromium.js';
import { useHostedBrowser } from '../support/hosted-browser.js';
import { HOSTED_PAGES } from '../support/hosted-pages.js';
import { codeFromInbox } from '../support/inbox.js';
import { admin, realm } from '../support/people.js';
import { createPhonePerson } from '../support/phones.js';

const inChromium = hasChromium() ? describe : describe.skip;

inChromium('phone sign-in on Keycloak’s page, in a browser', () => {
  const { start, service } = useHostedBrowser({ worker: true });

  test('by the code from the inbox; the token verifies and the session stands in Keycloak (O1)', async () => {
    const person = await createPhonePerson();
    const { page, hosted } = await start('vi');
    await hosted.open();
    await page.getByRole('button', { name: 'Đăng nhập bằng số điện thoại' }).click();
    await page.fill('#phone', person.phone.replace('+84', '0'));
    await page.click('#kc-login');
    const field = page.locator('#code');
    const kind = ['type', 'inputmode', 'autocomplete'].map((name) => field.getAttribute(name));
    expect(await Promise.all(kind)).toEqual(['text', 'numeric', 'one-time-code']);
    await field.fill(await codeFromInbox(service(), person.phone));
    await page.click('#kc-login');
    expect(await hosted.claims()).toMatchObject({ userId: person.userId, amr: ['otp'] });
    const sessions = await (await admin()).users.listSessions({ realm: realm(), id: person.keycloakId });
    expect(sessions).toHaveLength(1);
  });

  test('another code can’t be asked for until the button has counted down', async () => {
    const walk = await start('en');
    await HOSTED_PAGES['code by SMS']?.(walk);
    const resend = walk.page.locator('#nx-resend');
    expect(await resend.isDisabled()).toBe(true);
    expect(await resend.textContent()).toMatch(/^Send another code in \d+ s$/);
  });

  test('Keycloak’s own link to other ways is not shown beside ours', async () => {
    const { page, hosted } = await start('en');
    await hosted.open();
    expect(await page.locator('#try-another-way').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Sign in by phone' }).click();
    await page.getByRole('button', { name: 'Sign in with a password' }).click();
    await page.locator('#password').waitFor();
  });
});
