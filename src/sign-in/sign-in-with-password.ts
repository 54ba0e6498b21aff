import { Problem } from '../errors/problem.js';
import type { Visitor } from '../http/route.js';
import type { KeycloakAdmin, SignInWithPassword } from '../keycloak-gateway/index.js';
import { type Identifier, normalizeIdentifier } from '../people/index.js';
import type { LiveSession } from '../sessions/index.js';
import type { Logger } from '../telemetry/logger.js';
import { signInErrors } from './errors.js';
import type { EstablishSession } from './establish-session.js';

export interface PasswordRequest {
  identifier: Identifier;
  password: string;
  totp?: string | undefined;
  clientId: string;
  visitor: Visitor;
}

export type PasswordSignInUseCase = (request: PasswordRequest) => Promise<LiveSession>;

/**
 * Password sign-in by the JSON interface (S3): Keycloak proves the person, our row is made or brought up to
 * date, and a session of ours stands on the one that Keycloak opened.
 * @throws Problem `sign_in.refused` (401): one answer for wrong, unknown, disabled, locked and suspended
 * @throws Problem `sign_in.continue_on_hosted_page` (403): the password was right, the rest needs a page
 */
export function createPasswordSignIn(options: {
  askKeycloak: SignInWithPassword;
  keycloak: Pick<KeycloakAdmin, 'endSession'>;
  establish: EstablishSession;
  hostedPageUrl: (clientId: string) => string;
  logger: Logger;
}): PasswordSignInUseCase {
  const { askKeycloak, keycloak, establish, hostedPageUrl, logger } = options;

  return async ({ identifier, password, totp, clientId, visitor }) => {
    const { scheme, value } = normalizeIdentifier(identifier);
    const answer = await askKeycloak({ scheme, identifier: value, password, totp, visitor });
    if (answer.kind === 'refused') throw new Problem(signInErrors.refused);
    if (answer.kind === 'hosted') throw continueOnHostedPage(hostedPageUrl(clientId), answer.reason);
    const { identity, refreshToken } = answer;
    try {
      const established = await establish({ identity, refreshToken, clientId, via: 'password', visitor });
      if (established.kind === 'suspended') throw new Problem(signInErrors.refused);
      if (established.kind === 'over')
        throw new Error('Keycloak opened a session that had already ended here');
      return established.session;
    } catch (error) {
      // Nobody holds the session that Keycloak opened: it must not count among the person's sessions.
      await keycloak
        .endSession(identity.sid)
        .catch((late: unknown) => logger.warn({ err: late }, 'a session was left'));
      throw error;
    }
  };
}

/** @param reason as the bridge names it; only a missing TOTP can also be given through this interface */
function continueOnHostedPage(url: string, reason: string): Problem {
  const accepts = reason === 'totp_required' ? { accepts: ['totp'] } : {};
  return new Problem(signInErrors.continue_on_hosted_page, {
    extensions: { nextAction: { type: 'continue_hosted', url, ...accepts } },
  });
}
