import { Problem } from '../errors/problem.js';
import type { Visitor } from '../http/route.js';
import type { AskFirstParty, FirstPartyCredential, KeycloakAdmin } from '../keycloak-gateway/index.js';
import { type Identifier, normalizeIdentifier } from '../people/index.js';
import type { Dialect, LiveSession } from '../sessions/index.js';
import type { Logger } from '../telemetry/logger.js';
import { signInErrors } from './errors.js';
import type { EstablishSession } from './establish-session.js';

export interface FirstPartyVisit {
  identifier: Identifier;
  credential: FirstPartyCredential;
  clientId: string;
  /** The platform's unless said. */
  dialect?: Dialect;
  visitor: Visitor;
}

export type FirstPartySignIn = (visit: FirstPartyVisit) => Promise<LiveSession>;

/**
 * Sign-in by the JSON interface (S3, O1): Keycloak proves the person, our row is made or brought up to
 * date, and a session of ours stands on the one that Keycloak opened.
 * @throws Problem `sign_in.refused` (401): one answer for wrong, unknown, disabled, locked and suspended
 * @throws Problem `sign_in.continue_on_hosted_page` (403): the first factor was right, the rest needs a page
 */
export function createFirstPartySignIn(options: {
  askKeycloak: AskFirstParty;
  keycloak: Pick<KeycloakAdmin, 'endSession'>;
  establish: EstablishSession;
  hostedPageUrl: (clientId: string) => string;
  logger: Logger;
}): FirstPartySignIn {
  const { askKeycloak, keycloak, establish, hostedPageUrl, logger } = options;

  return async ({ identifier, credential, clientId, dialect = 'platform', visitor }) => {
    const { scheme, value } = normalizeIdentifier(identifier);
    const answer = await askKeycloak({ scheme, identifier: value, credential, visitor });
    if (answer.kind === 'refused') throw new Problem(signInErrors.refused);
    if (answer.kind === 'hosted')
      throw continueOnHostedPage(hostedPageUrl(clientId), answer.reason, 'password' in credential);
    const { identity, refreshToken } = answer;
    try {
      const established = await establish({
        identity,
        refreshToken,
        clientId,
        via: 'password' in credential ? 'password' : 'otp',
        dialect,
        visitor,
      });
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

/** @param reason as the bridge names it; only a missing TOTP, and only beside a password, can also be given here */
function continueOnHostedPage(url: string, reason: string, takesTotp: boolean): Problem {
  const accepts = takesTotp && reason === 'totp_required' ? { accepts: ['totp'] } : {};
  return new Problem(signInErrors.continue_on_hosted_page, {
    extensions: { nextAction: { type: 'continue_hosted', url, ...accepts } },
  });
}
