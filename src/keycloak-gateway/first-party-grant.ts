import { setTimeout as sleep } from 'node:timers/promises';
import { type Configuration, genericGrantRequest, ResponseBodyError } from 'openid-client';
import { keycloakUnavailable } from './errors.js';
import { type KeycloakIdentity, readIdentity } from './keycloak-identity.js';
import { createTurns } from './turns.js';

export const FIRST_PARTY_GRANT = 'urn:nx:params:oauth:grant-type:first-party';

/** A password with the TOTP of who has one, or our ticket for a one-time code that was right. */
export type FirstPartyCredential =
  | { password: string; totp?: string | undefined }
  | { otpTicket: () => Promise<string> };

export interface FirstPartyRequest {
  scheme: 'email' | 'phone' | 'username';
  identifier: string;
  credential: FirstPartyCredential;
  visitor: { address: string; agent: string };
}

export type FirstPartyAnswer =
  | { kind: 'signed_in'; identity: KeycloakIdentity; refreshToken: string }
  /** Wrong, unknown, disabled or locked: Keycloak does not tell, and neither do we. */
  | { kind: 'refused' }
  /** The first factor was right; the rest needs Keycloak's pages. `reason` as the bridge names it. */
  | { kind: 'hosted'; reason: string };

export type AskFirstParty = (request: FirstPartyRequest) => Promise<FirstPartyAnswer>;

/** Keycloak counts a failure just after it has answered, and refuses that person's next try until then. */
const COUNTING_MS = 50;

/**
 * The bridge's grant (D2): runs Keycloak's configured flow for a person whose credential our interface took.
 * Keycloak refuses a sign-in while another one of the same person is under way, which only happens to people who
 * exist. So tries of one identifier take turns here, known or not, and what still collides (another replica, the
 * same person by another identifier) is tried again; both waits end after `deadlineMs`.
 * @throws Problem `keycloak.unavailable` (503)
 */
export function createFirstPartyGrant(options: { oidc: Configuration; deadlineMs: number }): AskFirstParty {
  const turns = createTurns(options.deadlineMs);
  return async (request) => {
    const endTurn = await turns.take(`${request.scheme}:${request.identifier}`);
    let answer: FirstPartyAnswer | undefined;
    try {
      answer = await askUntilFree(options.oidc, request, options.deadlineMs);
      return answer;
    } finally {
      if (answer?.kind === 'refused') setTimeout(endTurn, COUNTING_MS);
      else endTurn();
    }
  };
}

async function askUntilFree(
  oidc: Configuration,
  request: FirstPartyRequest,
  deadlineMs: number,
): Promise<FirstPartyAnswer> {
  const giveUpAt = performance.now() + deadlineMs;
  for (let pause = 20; ; pause = Math.min(pause * 2, 200)) {
    const answer = await ask(oidc, request);
    if (answer !== 'busy') return answer;
    if (performance.now() + pause >= giveUpAt) throw keycloakUnavailable(new Error('the person stayed busy'));
    await sleep(pause);
  }
}

async function ask(oidc: Configuration, request: FirstPartyRequest): Promise<FirstPartyAnswer | 'busy'> {
  try {
    const tokens = await genericGrantRequest(oidc, FIRST_PARTY_GRANT, await parameters(request));
    if (!tokens.refresh_token) throw new Error('Keycloak gave no refresh token');
    return {
      kind: 'signed_in',
      identity: readIdentity(tokens.claims() ?? {}),
      refreshToken: tokens.refresh_token,
    };
  } catch (error) {
    return readRefusal(error);
  }
}

async function parameters(request: FirstPartyRequest): Promise<Record<string, string>> {
  return {
    identifier: request.identifier,
    identifier_scheme: request.scheme,
    scope: 'openid profile email phone',
    visitor_address: request.visitor.address,
    visitor_agent: request.visitor.agent,
    ...(await credentialParameters(request.credential)),
  };
}

/** A fresh ticket for every try: Keycloak takes each once, and it may be old after a wait. */
async function credentialParameters(credential: FirstPartyCredential): Promise<Record<string, string>> {
  if ('otpTicket' in credential) return { otp_ticket: await credential.otpTicket() };
  const { password, totp } = credential;
  return { password, ...(totp === undefined ? {} : { totp }) };
}

/**
 * Keycloak takes a value of nothing but control characters, or of escapes that stand for them (`%00`), for one that was not
 * given. No password and nobody is called so.
 */
export const isEmptyToKeycloak = (description: string | undefined): boolean =>
  /^Missing form parameter: (password|identifier)$/.test(description ?? '');

function readRefusal(error: unknown): FirstPartyAnswer | 'busy' {
  if (error instanceof ResponseBodyError) {
    if (error.error === 'invalid_grant' || isEmptyToKeycloak(error.error_description))
      return { kind: 'refused' };
    if (error.error === 'temporarily_unavailable') return 'busy';
    if (error.error === 'interaction_required')
      return { kind: 'hosted', reason: String(error.cause.reason ?? '') };
  }
  throw keycloakUnavailable(error);
}
