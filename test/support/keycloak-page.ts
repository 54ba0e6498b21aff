import { createHash, randomBytes } from 'node:crypto';
import { testParts } from '../parts.js';
import type { TestPerson } from './people.js';

export interface KeycloakTokens {
  access_token: string;
  id_token: string;
  refresh_token: string;
}

/** Signs in on Keycloak's own page as a browser would (authorization code + PKCE) and answers the app's tokens. */
export async function signInOnPage(
  person: Pick<TestPerson, 'email' | 'password'>,
  client: { id: string; redirectUri: string },
) {
  const { url, realm } = testParts().keycloak;
  const endpoints = `${url}/realms/${realm}/protocol/openid-connect`;
  const verifier = randomBytes(32).toString('base64url');
  const page = await fetch(
    `${endpoints}/auth?${new URLSearchParams({
      client_id: client.id,
      redirect_uri: client.redirectUri,
      response_type: 'code',
      scope: 'openid profile email',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })}`,
  );
  const html = await page.text();
  const action = /action="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&');
  if (!action) throw new Error(`no form on the page: ${page.status} ${html.slice(0, 300)}`);
  const posted = await fetch(action, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      cookie: page.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    },
    body: new URLSearchParams({ username: person.email, password: person.password }),
  });
  const code = new URL(posted.headers.get('location') ?? 'http://none').searchParams.get('code');
  if (!code) throw new Error(`no code: ${posted.status}`);
  const tokens = await fetch(`${endpoints}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: client.id,
      code,
      redirect_uri: client.redirectUri,
      code_verifier: verifier,
    }),
  });
  if (!tokens.ok) throw new Error(`no tokens: ${await tokens.text()}`);
  return (await tokens.json()) as KeycloakTokens;
}
