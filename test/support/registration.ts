import { randomBytes } from 'node:crypto';
import { type App, type Browser, createApp, createBrowser, location, loginUrl } from './browser.js';
import type { Answer } from './call.js';

export interface Registrant {
  username: string;
  email: string;
  firstName: string;
  lastName: string;
}

export function newRegistrant(): Registrant {
  const name = `new-${randomBytes(6).toString('hex')}`;
  return { username: name, email: `${name}@example.test`, firstName: 'New', lastName: name };
}

/** Where the form of one of Keycloak's pages goes. */
export function formAction(page: Answer): string {
  const action = /action="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&');
  if (!action) throw new Error(`no form on the page: ${page.status} ${page.text.slice(0, 300)}`);
  return action;
}

/** The first link of one of Keycloak's pages that has this in its address. */
export function hrefWith(part: string, page: Answer): string {
  const hrefs = [...page.text.matchAll(/href="([^"]+)"/g)].map(([, href = '']) => href);
  const found = hrefs.find((href) => href.includes(part));
  if (!found) throw new Error(`no link with ${part} on the page: ${page.status} ${page.text.slice(0, 300)}`);
  return found.replaceAll('&amp;', '&');
}

export const postPage = (browser: Browser, url: string, fields: Record<string, string>): Promise<Answer> =>
  browser.visit(url, { method: 'POST', body: new URLSearchParams(fields) });

/** Follows redirects as long as they stay with Keycloak; answers its page, or the redirect that leads away from it. */
export async function stayInKeycloak(browser: Browser, answer: Answer, keycloakUrl: string): Promise<Answer> {
  let current = answer;
  while (current.status === 302 && location(current).href.startsWith(keycloakUrl)) {
    current = await browser.visit(location(current).href);
  }
  return current;
}

/** From the app to Keycloak's registration page and through its form, to whatever comes then. */
export async function fillRegistration(
  service: { url: string },
  keycloakUrl: string,
  fields: Registrant,
  { browser = createBrowser(), app = createApp() }: { browser?: Browser; app?: App } = {},
) {
  const started = await browser.visit(loginUrl(service, { ...app.query, prompt: 'create' }));
  const page = await browser.visit(location(started).href);
  const posted = await postPage(browser, formAction(page), { ...fields });
  return { browser, app, page, answer: await stayInKeycloak(browser, posted, keycloakUrl) };
}

export const linkIn = (text: string): string => /https?:\/\/\S+/.exec(text)?.[0] ?? '';
