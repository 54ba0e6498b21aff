import { describe, expect, test } from '@jest/globals';
import { testParts } from '../parts.js';
import { hasChromium } from '../support/chromium.js';
import { useHostedBrowser } from '../support/hosted-browser.js';
import { HOSTED_PAGES } from '../support/hosted-pages.js';
import { pictureFor } from '../support/picture.js';

const inChromium = hasChromium() ? describe : describe.skip;

inChromium('Keycloak’s pages in our theme', () => {
  const { start, service } = useHostedBrowser();

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
      expect(await page.locator('html').getAttribute('lang')).toBe(language);
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
    const focused = page.locator(':focus');
    expect(await focused.getAttribute('id')).toBe('username');
    expect(await focused.getAttribute('aria-describedby')).toBe('input-error-username');
    const alert = page.locator('#input-error-username[role=alert]');
    expect((await alert.textContent())?.trim()).toBe('Tên đăng nhập hoặc mật khẩu không đúng.');
  });

  test('keys alone lead through the form in its order, and every stop is seen', async () => {
    const { page, hosted } = await start('vi');
    await hosted.open();
    const stops = [
      'username',
      'password',
      'password-show-password',
      null, // the link for a forgotten password
      'kc-login',
      'authenticateWebAuthnButton',
    ];
    for (const stop of stops) {
      expect(await page.locator(':focus').getAttribute('id')).toBe(stop);
      const outlines = await page.evaluate<string[]>(
        '[document.activeElement, document.activeElement.parentElement].map((one) => getComputedStyle(one).outlineStyle)',
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
    expect([...asked].sort()).toEqual([service().url, testParts().keycloak.url].sort());
  });

  test('on a desk the form is no wider than it can be read', async () => {
    const { page, hosted } = await start('en', { width: 1000, height: 640 });
    await hosted.open();
    const card = await page.locator('main').boundingBox();
    expect(card?.width).toBeLessThanOrEqual(480);
    expect(card?.x).toBeGreaterThan(200);
    await pictureFor(page, 'login desk en');
  });
});
