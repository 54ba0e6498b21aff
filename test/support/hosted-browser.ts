import { afterAll, afterEach, beforeAll } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { testParts } from '../parts.js';
import { startChromium } from './chromium.js';
import { type HostedVisit, visitHosted } from './hosted-page.js';
import { startService, type TestService } from './service.js';

/** A window of a browser in somebody's hands, and the way to Keycloak's pages. */
export interface Walk {
  page: Page;
  hosted: HostedVisit;
}

export const PHONE = { width: 360, height: 740 };

/** One service and one browser for the tests of a `describe`; each test starts with a browser that knows nobody. */
export function useHostedBrowser(options: { worker?: boolean } = {}) {
  let service: TestService;
  let chromium: Browser;
  let context: BrowserContext | undefined;

  beforeAll(async () => {
    // Where Keycloak and the client's redirect URI say that we are.
    const { port, internalPort } = testParts().service;
    const ports = { IDENTITY_PORT: String(port), IDENTITY_INTERNAL_PORT: String(internalPort) };
    service = await startService(ports, options);
    chromium = await startChromium();
  });
  afterAll(async () => {
    await chromium?.close();
    await service?.stop();
  });
  afterEach(() => context?.close());

  return {
    service: () => service,
    /** @param locale the language that the browser's owner reads */
    async start(locale = 'en', viewport = PHONE): Promise<Walk> {
      await context?.close();
      context = await chromium.newContext({ locale, viewport, reducedMotion: 'reduce' });
      const page = await context.newPage();
      page.on('dialog', (dialog) => dialog.accept('a name for it')); // asked when a passkey has been made
      return { page, hosted: visitHosted(page, service) };
    },
  };
}
