import { testParts } from '../parts.js';
import { type Browser, createApp, createBrowser, location, loginUrl } from './browser.js';
import type { Answer } from './call.js';

/** A page of Keycloak's as far as its forms go, without scripts. */
export interface HostedForm {
  answer: Answer;
  /** What the page says next to a field. */
  error: string | undefined;
  /** The page without what is another at each visit: what two visitors can tell apart. */
  text: string;
  post(fields: Record<string, string>): Promise<HostedForm>;
  /** Takes another of the ways that the page lists. */
  goAnotherWay(): Promise<HostedForm>;
}

export function readForm(browser: Browser, answer: Answer): HostedForm {
  const html = answer.text;
  const action = /action="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
  const error = /id="input-error-[^>]*>\s*<span[^>]*>\s*([^<]*?)\s*</.exec(html)?.[1];
  const text = html.replace(/\?[^"]*"/g, '"').replace(/authSessionIdHash|checkAuthSession\([^)]*\)/g, '');
  const post = async (fields: Record<string, string>) => {
    const posted = await browser.visit(action, { method: 'POST', body: new URLSearchParams(fields) });
    const isOnward = location(posted).href.startsWith(testParts().keycloak.url);
    return readForm(browser, isOnward ? await browser.visit(location(posted).href) : posted);
  };
  return {
    answer,
    error,
    text,
    post,
    goAnotherWay() {
      const way = /name="authenticationExecution" value="([^"]+)"/.exec(html)?.[1];
      if (!way) throw new Error(`no other way on the page: ${html.slice(0, 300)}`);
      return post({ authenticationExecution: way });
    },
  };
}

/** Somebody's browser on the sign-in page, sent there by an app. */
export async function openSignIn(service: { url: string }) {
  const [browser, app] = [createBrowser(), createApp()];
  const started = await browser.visit(loginUrl(service, { ...app.query, ui_locales: 'en' }));
  const page = readForm(browser, await browser.visit(location(started).href));
  return { browser, app, page };
}

/** Until the page asks for the code. */
export async function askForCode(service: { url: string }, phone: string) {
  const visit = await openSignIn(service);
  const number = await visit.page.goAnotherWay();
  return { ...visit, code: await number.post({ phone }) };
}
