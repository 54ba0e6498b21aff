import { decodeJwt } from 'jose';
import { testParts } from '../parts.js';
import {
  type App,
  atReplica,
  type Browser,
  createApp,
  createBrowser,
  location,
  loginUrl,
  queryOf,
  redeem,
} from './browser.js';
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

/** Somebody's browser on the sign-in page, sent there by an app. @param wishes parameters of `/login` */
export async function openSignIn(
  service: { url: string },
  { browser = createBrowser(), wishes = {} as Record<string, string> } = {},
) {
  const app = createApp();
  const started = await browser.visit(loginUrl(service, { ...app.query, ui_locales: 'en', ...wishes }));
  const page = readForm(browser, await browser.visit(location(started).href));
  return { browser, app, page };
}

/** Until the page asks for the code. */
export async function askForCode(service: { url: string }, phone: string) {
  const visit = await openSignIn(service);
  const number = await visit.page.goAnotherWay();
  return { ...visit, code: await number.post({ phone }) };
}

/** Behind the link "Forgot your password?", until the page asks for the code. */
export async function askForReset(
  service: { url: string },
  identifier: string,
  options: Parameters<typeof openSignIn>[1] = {},
) {
  const visit = await openSignIn(service, options);
  const first = await followForgotten(visit);
  return { ...visit, code: await first.post({ identifier }) };
}

/** The page that the link on the sign-in page leads to. */
export async function followForgotten({ browser, page }: { browser: Browser; page: HostedForm }) {
  const link = /href="([^"]*login-actions\/reset-credentials[^"]*)"/.exec(page.answer.text)?.[1];
  if (!link) throw new Error('the page has no link for a forgotten password');
  const url = new URL(link.replaceAll('&amp;', '&'), testParts().keycloak.url);
  const answer = await browser.visit(url.href);
  const moved = answer.status === 302 ? await browser.visit(location(answer).href) : answer;
  return readForm(browser, moved);
}

/** The claims of the app's token, once Keycloak has sent the browser back. */
export async function tokenOf(
  service: { url: string },
  { browser, app }: { browser: Browser; app: App },
  page: HostedForm,
) {
  if (page.answer.status !== 302) throw new Error(`not sent back: ${page.error ?? page.answer.status}`);
  const back = await browser.visit(atReplica(service, location(page.answer).href));
  const { status, body, text } = await redeem(service, app, queryOf(back).code ?? '');
  if (status !== 200) throw new Error(`no token: ${status} ${text}`);
  return decodeJwt(body.access_token);
}

/** A page of the code without what it says of the asker's own number or address, and of the seconds to wait. */
export const withoutAddress = (text = ''): string =>
  text.replace(/\+84\*+\d{4}|[\w.]\*{3}@[\w.-]+/g, '').replace(/data-wait="\d+"/g, '');
