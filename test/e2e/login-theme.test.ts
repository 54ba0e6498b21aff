import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext } from 'playwright-core';
import { testParts } from '../parts.js';
import { overflow, seriousFaults } from '../support/accessibility.js';
import { hasChromium, startChromium } from '../support/chromium.js';
import { visitHosted } from '../support/hosted-page.js';
import { HOSTED_PAGES, type Walk } from '../support/hosted-pages.js';
import { startService, type TestService } from '../support/service.js';

let service: TestService;
let chromium: Browser;
let context: BrowserContext | undefined;

const inChromium = hasChromium() ? describe : describe.skip;

inChromium('Keycloak’s pages in our theme', () => {
  beforeAll(async () => {
    // Where Keycloak and the client's redirect URI say that we are.
    service = await startService({ IDENTITY_PORT: String(testParts().service.port) });
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await service?.stop();
  });
  afterEach(() => context?.close());

  async function start(language: Walk['language'] = 'vi', locale = 'fr'): Promise<Walk> {
    context = await chromium.newContext({
      locale,
      viewport: { width: 360, height: 740 },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    page.on('dialog', (dialog) => dialog.accept('a name for it'));
    return { page, hosted: visitHosted(page, service), language };
  }

  const walks = Object.keys(HOSTED_PAGES).flatMap((name) => [[name, 'vi'] as const, [name, 'en'] as const]);
  test.each(walks)(
    '%s, in %s: nothing serious by axe, light and dark, and no scrolling sideways at 320 px',
    async (name, language) => {
      const walk = await start(language);
      const { page } = walk;
      await HOSTED_PAGES[name]?.(walk);
      await page.screenshot({ path: `/tmp/shots/${name}-${language}.png` });
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
      const faults: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        for (const fault of await seriousFaults(page)) faults.push(`${colorScheme}: ${fault}`);
      }
      await page.screenshot({ path: `/tmp/shots/${name}-${language}-dark.png` });
      expect(faults).toEqual([]);
      await page.setViewportSize({ width: 320, height: 640 });
      expect(await overflow(page)).toBe(0);
    },
  );
});
