import { z } from 'zod';
import { OAuthError } from './oauth-error.js';

/** What a person's access token of the realm carries; a service account's has no `sid`, an ID token another `typ`. */
const claims = z.object({
  typ: z.literal('Bearer'),
  sub: z.string().min(1),
  sid: z.string().min(1),
  azp: z.string(),
  auth_time: z.number().int(),
  amr: z.array(z.string()).default([]),
  acr: z.string().nullable().default(null),
  cnf: z.never().optional(), // a sender-constrained token is its holder's alone
});

export interface SubjectToken {
  keycloakId: string;
  sid: string;
  authTime: number;
  amr: string[];
  acr: string | null;
}

/**
 * Reads the verified claims of a token that is offered for exchange (contract §4, `/token`).
 * @param verified null when the signature, issuer, audience or times were wrong
 * @param clients whose tokens may be exchanged (`azp`)
 * @throws OAuthError `invalid_request`
 */
export function readSubjectToken(verified: object | null, clients: readonly string[]): SubjectToken {
  const read = claims.safeParse(verified);
  if (!read.success || !clients.includes(read.data.azp)) {
    throw new OAuthError(
      'invalid_request',
      'subject_token is not an access token that may be exchanged here',
    );
  }
  const { sub, sid, auth_time, amr, acr } = read.data;
  return { keycloakId: sub, sid, authTime: auth_time, amr, acr };
}
