import { fetchText } from './fetch-text.js';

const MAX_BYTES = 64 * 1024;
/** A token is asked anew this long before it ends, so that none ends on its way. */
const MARGIN_MS = 30_000;
const AFTER_FAILURE_MS = 30_000;

/** How this sister proves itself to the issuer (contract §4, `client_credentials` by BASIC). */
export interface ServiceCredentials {
  /** `https://<issuer>/v1/api/identity/auth/token` */
  tokenEndpoint: string;
  /** The name that the service is registered by. */
  name: string;
  secret: string;
  /** The registered service that the token is for; the credential's default otherwise. */
  audience?: string;
}

export interface SystemTokens {
  /** A token with half a minute left at the least; undefined while none can be had. */
  get(): Promise<string | undefined>;
  /** The issuer took this one no more. */
  drop(): void;
}

/**
 * This sister's own system token, kept until shortly before its end.
 * @param options.clock milliseconds since 1970
 * @param options.retryMs until one is asked for again that could not be had or was not taken
 */
export function createSystemTokens(options: {
  service: ServiceCredentials;
  timeoutMs: number;
  clock: () => number;
  retryMs?: number;
  onWarning: (what: string, error: unknown) => void;
}): SystemTokens {
  const { service, clock, retryMs = AFTER_FAILURE_MS } = options;
  let held: { token: string | undefined; until: number } | undefined;
  let flight: Promise<string | undefined> | undefined;

  async function ask(): Promise<string | undefined> {
    try {
      const { token, expiresInS } = await requestToken(service, options.timeoutMs);
      held = { token, until: clock() + expiresInS * 1000 - MARGIN_MS };
    } catch (error) {
      held = { token: undefined, until: clock() + retryMs };
      options.onWarning(`${service.tokenEndpoint} gave no system token`, error);
    }
    return held.token;
  }

  return {
    async get() {
      if (held && clock() < held.until) return held.token;
      flight ??= ask().finally(() => {
        flight = undefined;
      });
      return flight;
    },
    drop() {
      held = { token: undefined, until: clock() + retryMs };
    },
  };
}

async function requestToken(service: ServiceCredentials, timeoutMs: number) {
  const basic = Buffer.from(`${service.name}:${service.secret}`).toString('base64');
  const text = await fetchText({
    url: service.tokenEndpoint,
    accept: 'application/json',
    maxBytes: MAX_BYTES,
    timeoutMs,
    headers: { authorization: `Basic ${basic}` },
    form: {
      grant_type: 'client_credentials',
      ...(service.audience === undefined ? {} : { audience: service.audience }),
    },
  });
  const { access_token: token, expires_in: expiresInS } = JSON.parse(text);
  if (typeof token !== 'string' || typeof expiresInS !== 'number') throw new Error('no token answer');
  return { token, expiresInS };
}
