import { getDomain } from 'tldts';

/**
 * The app's redirect URI with our answer appended (RFC 6749 §4.1.2), and with `iss`, so that an app which knows
 * several servers can tell whose answer it is (RFC 9207).
 */
export function backToApp(
  redirectUri: string,
  issuer: string,
  answer: { code?: string; error?: string; error_description?: string; state?: string | undefined },
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries({ ...answer, iss: issuer })) {
    if (value !== undefined) url.searchParams.append(name, value);
  }
  return url.href;
}

/**
 * Whether two URLs are of one site as browsers see it: same scheme, same registrable domain by the Public Suffix
 * List, or the same host where there is none (an address, `localhost`).
 */
export function isSameSite(one: string, other: string): boolean {
  return siteOf(one) === siteOf(other);
}

function siteOf(url: string): string {
  const { protocol, hostname } = new URL(url);
  return `${protocol}//${getDomain(hostname, { allowPrivateDomains: true }) ?? hostname}`;
}
