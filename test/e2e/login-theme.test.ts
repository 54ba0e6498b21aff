import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { testParts } from '../parts.js';
import { overflow, seriousFaults } from '../support/accessibility.js';
import { hasChromium, startChromium } from '../support/chromium.js';
import { visitHosted } from '../support/hosted-page.js';
import { HOSTED_PAGES, type Walk } from '../support/hosted-pages.js';
import { keep, ownerOf } from '../support/kept-realm.js';
import { startService, type TestService } from '../support/service.js';

/** A folder to put pictures of the pages in, for docs/. */
const PICTURES = process.env.NX_PICTURES;

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

  /** A browser whose owner reads `locale`. */
  async function start(locale: string, viewport = { width: 360, height: 740 }): Promise<Walk> {
    context = await chromium.newContext({ locale, viewport, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.on('dialog', (dialog) => dialog.accept('a name for it'));
    return { page, hosted: visitHosted(page, service) };
  }
  const languageOf = (page: Page) => page.locator('html').getAttribute('lang');
  const picture = async (page: Page, name: string) => {
    if (PICTURES) await page.screenshot({ path: join(PICTURES, name) });
  };

  async function expectForEverybody(page: Page, language: string) {
    expect(await languageOf(page)).toBe(language);
    const faults: string[] = [];
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const fault of await seriousFaults(page)) faults.push(`${colorScheme}: ${fault}`);
    }
    expect(faults).toEqual([]);
    await page.setViewportSize({ width: 320, height: 640 });
    expect(await overflow(page)).toBe(0);
  }

  const inBoth = (names: string[]) =>
    names.flatMap((name) => ['vi', 'en'].map((language) => [name, language]));

  test.each(inBoth(Object.keys(HOSTED_PAGES)))(
    '%s (%s): nothing serious by axe in light or dark, nor wider than 320 px',
    async (name, language) => {
      const walk = await start(language);
      await HOSTED_PAGES[name]?.(walk);
      await expectForEverybody(walk.page, language);
    },
  );

  test('registration: nothing serious by axe, nor wider than 320 px, in a realm that the job made', async () => {
    const realm = `theme-${randomBytes(4).toString('hex')}`;
    await keep(realm);
    await ownerOf(realm).realms.update({ realm }, { registrationAllowed: true });
    const base = `${testParts().keycloak.url}/realms/${realm}`;
    const query = new URLSearchParams({
      client_id: 'account-console',
      redirect_uri: `${base}/account/`,
      response_type: 'code',
      scope: 'openid',
      code_challenge: createHash('sha256').update('any').digest('base64url'),
      code_challenge_method: 'S256',
    });
    for (const language of ['vi', 'en']) {
      await context?.close();
      const { page } = await start(language);
      await page.goto(`${base}/protocol/openid-connect/registrations?${query}`);
      await page.click('[type=submit]');
      await page.locator('#kc-register-form [role=alert]').first().waitFor();
      await expectForEverybody(page, language);
    }
    await ownerOf(realm).realms.del({ realm });
  });

  test.each([
    ['fr', undefined, 'vi'],
    ['fr', 'en', 'en'],
    ['en', 'vi', 'vi'],
    ['en', undefined, 'en'],
  ])(
    'a browser that reads %s, ui_locales %s: the page is in %s (contract §4)',
    async (locale, wish, language) => {
      const { page, hosted } = await start(locale);
      await hosted.open(wish ? { ui_locales: wish } : {});
      expect(await languageOf(page)).toBe(language);
      const words = { vi: ['Đăng nhập', 'Ngôn ngữ'], en: ['Sign In', 'Language'] }[language] ?? [];
      expect((await page.textContent('#kc-login'))?.trim()).toBe(words[0]);
      const choice = page.getByLabel(words[1] ?? '', { exact: true });
      const languages = (await choice.locator('option').allTextContents()).map((name) => name.trim());
      expect(languages.sort()).toEqual(['English', 'Tiếng Việt']);
    },
  );

  test('a refusal is announced, tied to its field, and the field has the focus', async () => {
    const walk = await start('vi');
    await HOSTED_PAGES['refused sign-in']?.(walk);
    const { page } = walk;
    const described = await page.locator(':focus').getAttribute('aria-describedby');
    expect(await page.locator(':focus').getAttribute('id')).toBe('username');
    const alert = page.locator(`#${described}[role=alert]`);
    expect((await alert.textContent())?.trim()).toBe('Tên đăng nhập hoặc mật khẩu không đúng.');
  });

  test('keys alone lead through the form in its order, and every stop is seen', async () => {
    const { page, hosted } = await start('vi');
    await hosted.open();
    const stops = [
      'username',
      'password',
      'password-show-password',
      'kc-login',
      'authenticateWebAuthnButton',
    ];
    for (const stop of stops) {
      expect(await page.locator(':focus').getAttribute('id')).toBe(stop);
      const outlines = await page
        .locator(':focus')
        .evaluate<string[]>(
          'element => [element, element.parentElement].map((one) => getComputedStyle(one).outlineStyle)',
        );
      expect(outlines).toContain('solid');
      await page.keyboard.press('Tab');
    }
  });

  test('another way to sign in is chosen by keys', async () => {
    const walk = await start('en');
    await HOSTED_PAGES['choice of ways']?.(walk);
    await walk.page.getByRole('button', { name: 'Passkey' }).press('Enter');
    await walk.page.locator('#authenticateWebAuthnButton').waitFor();
  });

  test('a page asks nothing of any other site', async () => {
    const { page, hosted } = await start('vi');
    const asked = new Set<string>();
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    await hosted.open();
    await page.waitForLoadState('networkidle');
    expect([...asked].sort()).toEqual([service.url, testParts().keycloak.url].sort());
  });

  test('pictures for the docs', async () => {
    for (const [language, name, viewport] of [
      ['vi', 'sign-in', { width: 360, height: 640 }],
      ['en', 'sign-in', { width: 1000, height: 640 }],
      ['vi', 'code of an app', { width: 360, height: 640 }],
    ] as const) {
      await context?.close();
      const walk = await start(language, viewport);
      await HOSTED_PAGES[name]?.(walk);
      await picture(walk.page, `login-${name}-${language}.png`.replaceAll(' ', '-'));
    }
  });
});
