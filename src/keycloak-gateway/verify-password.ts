import { Buffer } from 'node:buffer';
import { keycloakUnavailable } from './errors.js';
import { FIRST_PARTY_GRANT, isEmptyToKeycloak } from './first-party-grant.js';
import { type KeycloakSettings, keycloakAddresses } from './oidc-client.js';

export type VerifyPassword = (request: {
  username: string;
  password: string;
  visitor: { address: string; agent: string };
}) => Promise<boolean>;

interface Answer {
  verified?: boolean;
  error?: string;
  error_description?: string;
}

/** Answers of the bridge for a right password: with a second factor or a pending action beside it, or without. */
const RIGHT = ['interaction_required'];
const WRONG = ['invalid_grant'];

/**
 * Whether this is the person's password, counted like any other try, without a session (`purpose=verify`). Not by
 * openid-client, which takes nothing but token answers.
 * @throws Problem `keycloak.unavailable` (503)
 */
export function createVerifyPassword(settings: KeycloakSettings): VerifyPassword {
  const { endpoints } = keycloakAddresses(settings);
  const credential = [settings.clientId, settings.clientSecret].map(encodeURIComponent).join(':'); // RFC 6749 §2.3.1
  const authorization = `Basic ${Buffer.from(credential).toString('base64')}`;
  return async ({ username, password, visitor }) => {
    const body = new URLSearchParams({
      grant_type: FIRST_PARTY_GRANT,
      purpose: 'verify',
      identifier: username,
      identifier_scheme: 'username',
      password,
      visitor_address: visitor.address,
      visitor_agent: visitor.agent,
    });
    const signal = AbortSignal.timeout(settings.timeoutMs);
    const answer = await fetch(`${endpoints}/token`, {
      method: 'POST',
      headers: { authorization },
      body,
      signal,
    })
      .then(async (response) => (await response.json()) as Answer)
      .catch((error: unknown) => {
        throw keycloakUnavailable(error);
      });
    if (answer.verified === true || RIGHT.includes(answer.error ?? '')) return true;
    if (WRONG.includes(answer.error ?? '') || isEmptyToKeycloak(answer.error_description)) return false;
    throw keycloakUnavailable(new Error(`Keycloak answered ${answer.error}`));
  };
}
