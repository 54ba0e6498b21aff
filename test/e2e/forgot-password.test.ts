import { describe, expect, test } from '@jest/globals';
import { overflow, seriousFaults } from '../support/accessibility.js';
import { hasChromium } from '../support/chromium.js';
import { useHostedBrowser } from '../support/hosted-browser.js';
import { codeFromInbox } from '../support/inbox.js';
import { createPhonePerson } from '../support/phones.js';

const inChromium = hasChromium() ? describe : describe.skip;
const NEW = 'Another-horse-8';

inChromium('a forgotten password on Keycloak’s pages, in a browser', () => {
  const { start, service } = useHostedBrowser({ worker: true });

  test.each<'email' | 'phone'>(['email', 'phone'])(
    'is set anew by the code sent to the %s, and the app has its token (S11)',
    async (scheme) => {
      const person = await createPhonePerson();
      const { page, hosted } = await start('vi');
      await hosted.open();
      await page.getByRole('link', { name: 'Quên mật khẩu?' }).click();
      await page.getByLabel('Số điện thoại hoặc email').fill(person[scheme]);
      await page.getByRole('button', { name: 'Gửi mã' }).click();
      await page.locator('#code').fill(await codeFromInbox(service(), person[scheme]));
      await page.click('#kc-login');
      await page.locator('#password-new').fill(NEW);
      await page.locator('#password-confirm').fill(NEW);
      expect([await seriousFaults(page), await overflow(page)]).toEqual([[], 0]);
      await page.click('#kc-submit');
      expect(await hosted.claims()).toMatchObject({ userId: person.userId });
    },
  );
});
