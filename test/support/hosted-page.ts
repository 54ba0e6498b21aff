import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { Secret, TOTP } from 'otpauth';
import type { CDPSession, Page } from 'playwright-core';
import { createApp, loginUrl, redeem } from './browser.js';
import type { TestPerson } from './people.js';

type Credentials = Pick<TestPerson, 'email' | 'password'>;

/** Keycloak's pages as somebody in a real browser meets them, sent there by an app. */
export interface HostedVisit {
  /** Goes to the page where Keycloak asks who it is; `wishes` are parameters of `/login`. */
  open(wishes?: Record<string, string>): Promise<void>;
  fillPassword(person: Credentials): Promise<void>;
  /** Waits until the app has its code, trades it, and answers the claims, checked against `/jw-certs`. */
  claims(): Promise<JWTPayload & { amr?: string[]; acr?: string }>;
}

export function visitHosted(page: Page, service: { url: string }): HostedVisit {
  let app = createApp();
  let answered: Promise<URL>;
  return {
    async open(wishes = {}) {
      app = createApp();
      const prefix = `${app.redirectUri}?`;
      answered = new Promise((resolve) => {
        page.on('request', (request) => {
          if (request.url().startsWith(prefix)) resolve(new URL(request.url()));
        });
      });
      await page.goto(loginUrl(service, { ...app.query, ...wishes }));
    },
    async fillPassword({ email, password }) {
      await page.fill('#username', email);
      await page.fill('#password', password);
      await page.click('#kc-login');
    },
    async claims() {
      const code = (await answered).searchParams.get('code') ?? '';
      await page.waitForURL(app.redirectUri); // the app has taken the answer out of its address
      const { status, body, text } = await redeem(service, app, code);
      if (status !== 200) throw new Error(`no token: ${status} ${text}`);
      const keys = createRemoteJWKSet(new URL(`${service.url}/jw-certs`));
      return (await jwtVerify(body.access_token, keys, { algorithms: ['ES256'] })).payload;
    },
  };
}

/**
 * What an authenticator app shows for a key as Keycloak's page spells it (base 32, in groups of four).
 * @param periods later than now: each code is taken once, and Keycloak takes the next one too
 */
export const totpCode = (key: string, periods = 0): string =>
  new TOTP({ secret: Secret.fromBase32(key.replaceAll(' ', '')) }).generate({
    timestamp: Date.now() + periods * 30_000,
  });

/**
 * Chromium's own authenticator (WebAuthn over the DevTools protocol): holds passkeys, knows its owner by a finger.
 * It touches itself only where `touch` says so, or Keycloak's waiting autofill would sign in before anybody asks.
 */
export async function plugInAuthenticator(page: Page) {
  const cdp: CDPSession = await page.context().newCDPSession(page);
  await cdp.send('WebAuthn.enable');
  const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    setTouch: (enabled: boolean) =>
      cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled }),
    credentials: async () => (await cdp.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
}
