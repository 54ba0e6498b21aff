import { signJwt } from './sign-jwt.js';
import type { Signer } from './signer.js';

/** Keycloak takes no ticket that lives longer. */
const TTL_S = 30;
/** Keycloak's clock may be behind ours. */
const BACKDATED_S = 3;

export type MintOtpTicket = (keycloakId: string) => Promise<string>;

/**
 * Mints the proof that a person entered the right code, for Keycloak's eyes alone (D3): signed by a key of its own
 * that no sister knows (D1), good once, for one user, one realm and one client.
 * @param now milliseconds since 1970
 */
export function createOtpTicketMinter(options: {
  signer: Signer;
  realmIssuer: string;
  clientId: string;
  now: () => number;
  newJti: () => string;
}): MintOtpTicket {
  const { signer, realmIssuer, clientId, now, newJti } = options;
  return (keycloakId) => {
    const iat = Math.floor(now() / 1000) - BACKDATED_S;
    const claims = { aud: realmIssuer, azp: clientId, sub: keycloakId, jti: newJti(), iat, exp: iat + TTL_S };
    return signJwt(signer, 'otp-ticket+jwt', claims);
  };
}
