import { createHash, createHmac, randomBytes } from 'node:crypto';
import type { SealedText } from '../../database/sealed-text.js';
import type { Trip } from '../../keycloak-gateway/index.js';

/** Seconds from `/login` to `/callback`, and the cookie's life. */
export const LOGIN_LIFE_S = 600;
/** Browsers drop cookies over 4096 bytes, name and attributes included (RFC 6265bis §5.7). */
const LONGEST_COOKIE = 3800;
const STATE = 'login-state/state';
const COOKIE = 'login-state/cookie';

/** What the app asked for, as it travels through Keycloak inside our `state`. */
export interface PendingLogin {
  id: string;
  clientId: string;
  redirectUri: string;
  appState: string;
  codeChallenge: string;
  /** Seconds since 1970. */
  expiresAt: number;
  /** Hash of the secret in the cookie of the browser that began. */
  browser: string;
}

/** What the cookie holds: this browser's secret, and the query of its last `/login`, to try again with. */
interface BrowserCookie {
  secret: string;
  retry?: string;
}

export interface LoginStates {
  /** @param cookie of an earlier `/login` of the same browser, if it sent one */
  begin(
    login: Pick<PendingLogin, 'clientId' | 'redirectUri' | 'appState' | 'codeChallenge'>,
    retry: string,
    cookie: string | undefined,
  ): { trip: Trip; cookie: string };
  /** The login that a `state` belongs to, in whichever browser; undefined when it isn't one of ours. */
  read(state: string): PendingLogin | undefined;
  /** The trip's secrets, when this browser began it and it isn't too old. */
  trip(pending: PendingLogin, state: string, cookie: string | undefined): Trip | undefined;
  /** The query of the browser's last `/login`. */
  retry(cookie: string | undefined): string | undefined;
}

/**
 * Binds a trip to Keycloak's pages to the browser that began it (RFC 9700 §4.7.1), with nothing kept on a server:
 * any replica can finish it. Each tab's request rides in its own sealed `state`; the one cookie holds a secret of
 * the browser that all its tabs share, so tabs don't overwrite each other. PKCE verifier and nonce are made from that
 * secret and the login's id: they are in no URL, not even sealed.
 */
export function createLoginStates(options: { sealed: SealedText; now: () => number }): LoginStates {
  const { sealed, now } = options;

  function open<T>(text: string | undefined, context: string): T | undefined {
    try {
      return text === undefined ? undefined : JSON.parse(sealed.open(text, context));
    } catch {
      return undefined; // cut, forged, or sealed by a key that was replaced
    }
  }

  function sealCookie(secret: string, retry: string): string {
    const full = sealed.seal(JSON.stringify({ secret, retry } satisfies BrowserCookie), COOKIE);
    return full.length <= LONGEST_COOKIE ? full : sealed.seal(JSON.stringify({ secret }), COOKIE);
  }

  return {
    begin(login, retry, cookie) {
      const secret = open<BrowserCookie>(cookie, COOKIE)?.secret ?? randomBytes(32).toString('base64url');
      const id = randomBytes(16).toString('base64url');
      const expiresAt = Math.floor(now() / 1000) + LOGIN_LIFE_S;
      const pending: PendingLogin = { ...login, id, expiresAt, browser: hash(secret) };
      const state = sealed.seal(JSON.stringify(pending), STATE);
      return { trip: { state, ...secrets(secret, id) }, cookie: sealCookie(secret, retry) };
    },
    read: (state) => open<PendingLogin>(state, STATE),
    trip(pending, state, cookie) {
      const secret = open<BrowserCookie>(cookie, COOKIE)?.secret;
      if (secret === undefined || hash(secret) !== pending.browser) return undefined;
      if (pending.expiresAt <= now() / 1000) return undefined;
      return { state, ...secrets(secret, pending.id) };
    },
    retry: (cookie) => open<BrowserCookie>(cookie, COOKIE)?.retry,
  };
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

function secrets(secret: string, id: string): Pick<Trip, 'verifier' | 'nonce'> {
  const derive = (use: string) => createHmac('sha256', secret).update(`${use}/${id}`).digest('base64url');
  return { verifier: derive('verifier'), nonce: derive('nonce') };
}
