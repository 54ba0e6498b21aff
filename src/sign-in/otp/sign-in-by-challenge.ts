import type { Database } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Visitor } from '../../http/route.js';
import { type Challenge, otpErrors } from '../../otp/index.js';
import type { FindAccount, Identifier } from '../../people/index.js';
import type { LiveSession } from '../../sessions/index.js';
import type { MintOtpTicket } from '../../tokens/index.js';
import type { FirstPartySignIn } from '../sign-in-first-party.js';

export type SignInByChallenge = (challenge: Challenge, visitor: Visitor) => Promise<LiveSession>;

/**
 * Whose code was right signs in (O1): Keycloak opens the session on a ticket, under its own rules, so a second factor
 * or a pending action leads to its pages (S14).
 * @throws Problem those of FirstPartySignIn, and `otp.invalid` (401) for a lucky guess at a code that was never sent
 */
export function createSignInByChallenge(options: {
  database: Database;
  findAccount: FindAccount;
  mintTicket: MintOtpTicket;
  signIn: FirstPartySignIn;
}): SignInByChallenge {
  const { database, findAccount, mintTicket, signIn } = options;
  return async (challenge, visitor) => {
    const identifier = provenIdentifier(challenge);
    const account = await findAccount(database, identifier);
    if (!account) throw new Problem(otpErrors.invalid);
    return signIn({
      identifier,
      credential: { otpTicket: () => mintTicket(account.keycloakId) },
      clientId: challenge.purpose.clientId as string,
      visitor,
    });
  };
}

/** An e-mail address has an @, a phone number in E.164 has none. */
export function provenIdentifier({ identifier }: Challenge): Identifier & { scheme: 'email' | 'phone' } {
  return { scheme: identifier.includes('@') ? 'email' : 'phone', value: identifier };
}
