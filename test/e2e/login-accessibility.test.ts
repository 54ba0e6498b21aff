import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import { testParts } from '../parts.js';
import { overflow, seriousFaults } from '../support/accessibility.js';
import { hasChromium } from '../support/chromium.js';
import { useHostedBrowser } from '../support/hosted-browser.js';
import { HOSTED_PAGES } from '../support/hosted-pages.js';
import { keep, ownerOf } from '../support/kept-realm.js';
import { pictureFor } from '../support/picture.js';

const walks = Object.keys(HOSTED_PAGES).flatMap((name) => [[name, 'vi'] as const, [name, 'en'] as const]);

const inChromium = hasChromium() ? describe : describe.skip;

inChromium('Keycloak’s pages, by axe in light and dark, and as narrow as 320 px', () => {
  const { start } = useHostedBrowser();

  async function expectForEverybody(page: Page, language: string) {
    expect(await page.locator('html').getAttribute('lang')).toBe(language);
    const faults: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const fault of await seriousFaults(page)) faults.push(`${colorScheme}: ${fault}`);
    }
    expect(faults).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflow(page)).toBe(0);
  }

  test.each([...walks])('%s, in %s: nothing serious, and no scrolling sideways', async (name, language) => {
    const walk = await start(language);
    await HOSTED_PAGES[name]?.(walk);
    await pictureFor(walk.page, `login ${name} ${language}`);
    await expectForEverybody(walk.page, language);
  });

  test.each(['vi', 'en'])(
    'registration, in %s: nothing serious, and no scrolling sideways',
    async (language) => {
      // A realm as declared, with registration open.
      const realm = `theme-${randomBytes(4).toString('hex')}`;
      await keep(realm);
      await ownerOf(realm).realms.update({ realm }, { registrationAllowed: true });
      try {
        const { page } = await start(language);
        await page.goto(registrationPage(`${testParts().keycloak.url}/realms/${realm}`));
        await page.click('[type=submit]');
        await page.locator('#kc-register-form [role=alert]').first().waitFor();
        await expectForEverybody(page, language);
      } finally {
        await ownerOf(realm).realms.del({ realm });
      }
    },
  );
});

const registrationPage = (realmUrl: string): string =>
  `${realmUrl}/protocol/openid-connect/registrations?${new URLSearchParams({
    client_id: 'account-console',
    redirect_uri: `${realmUrl}/account/`,
    response_type: 'code',
    scope: 'openid',
    code_challenge: createHash('sha256').update('any').digest('base64url'),
    code_challenge_method: 'S256',
  })}`;
