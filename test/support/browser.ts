import { createHash, randomBytes } from 'node:crypto';
import { testParts } from '../parts.js';
import { type Answer, BASE, call, postForm } from './call.js';

/** A browser's cookies and nothing more. As in real ones, a cookie belongs to a host, whatever the port. */
export function createBrowser() {
  const jar = new Map<string, Map<string, string>>();
  return {
    cookies: (host: string) => jar.get(host) ?? new Map<string, string>(),
    async visit(url: string, init: RequestInit = {}): Promise<Answer> {
      const { hostname } = new URL(url);
      const own = jar.get(hostname) ?? new Map<string, string>();
      jar.set(hostname, own);
      const cookie = [...own].map(([name, value]) => `${name}=${value}`).join('; ');
      const answer = await call(url, { ...init, headers: { ...init.headers, cookie } });
      for (const line of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
        if (/max-age=0/i.test(line)) own.delete(name);
        else own.set(name, value);
      }
      return answer;
    },
  };
}
export type Browser = ReturnType<typeof createBrowser>;

/** What an app keeps while its user is away. */
export function createApp(clientId = 'nx-demo', redirectUri = `${testParts().service.url}/demo`) {
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(12).toString('base64url');
  const query = {
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  };
  return { clientId, redirectUri, verifier, state, query };
}
export type App = ReturnType<typeof createApp>;

export const loginUrl = (service: { url: string }, query: Record<string, string>): string =>
  `${service.url}${BASE}/auth/login?${new URLSearchParams(query)}`;

/** Keycloak knows one public URL; a test chooses the replica that answers for it. */
export const atReplica = (service: { url: string }, url: string): string =>
  url.replace(testParts().service.url, service.url);

export const location = (answer: Answer): URL => new URL(answer.headers.get('location') ?? 'http://none');
export const queryOf = (answer: Answer) => Object.fromEntries(location(answer).searchParams);

/** Fills Keycloak's form and answers where it sends the browser back to: our callback. */
export async function passKeycloak(
  browser: Browser,
  pageUrl: string,
  person: { email: string; password: string },
): Promise<string> {
  const page = await browser.visit(pageUrl);
  if (page.status === 302) return location(page).href; // it knew the browser
  const action = /action="([^"]+)"/.exec(page.text)?.[1]?.replaceAll('&amp;', '&');
  if (!action) throw new Error(`no form on the page: ${page.status} ${page.text.slice(0, 300)}`);
  const posted = await browser.visit(action, {
    method: 'POST',
    body: new URLSearchParams({ username: person.email, password: person.password }),
  });
  if (posted.status !== 302) throw new Error(`not signed in: ${posted.status}`);
  return location(posted).href;
}

/** The whole way to the one-time code. */
export async function signInHosted(
  service: { url: string },
  person: { email: string; password: string },
  { browser = createBrowser(), app = createApp(), extra = {} as Record<string, string> } = {},
) {
  const started = await browser.visit(loginUrl(service, { ...app.query, ...extra }));
  const callback = await passKeycloak(browser, location(started).href, person);
  const back = await browser.visit(atReplica(service, callback));
  return { app, browser, back, callback, code: queryOf(back).code ?? '' };
}

export const redeem = (
  service: { url: string },
  app: App,
  code: string,
  extra: Record<string, string> = {},
): Promise<Answer> =>
  postForm(`${service.url}${BASE}/auth/token`, {
    grant_type: 'authorization_code',
    client_id: app.clientId,
    redirect_uri: app.redirectUri,
    code_verifier: app.verifier,
    code,
    ...extra,
  });
