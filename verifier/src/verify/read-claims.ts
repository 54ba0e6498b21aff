import { decodeJwt } from 'jose';
import type { AccessClaims, TokenKind } from '../claims.js';
import { InvalidToken } from '../errors.js';

/** What a token has to say beside its times; times in seconds. */
export interface ClaimsProfile {
  issuer: string;
  audiences: readonly string[];
  tokenKinds: readonly TokenKind[];
}

/** Reads the claims of a token whose signature is known to be good. @throws InvalidToken */
export function readClaims(token: string, profile: ClaimsProfile): AccessClaims {
  const claims = decode(token);
  const { iss, aud, token_type: kind } = claims;
  if (iss !== profile.issuer) throw new InvalidToken('issuer');
  if (!profile.audiences.some((audience) => isFor(aud, audience))) throw new InvalidToken('audience');
  if (!profile.tokenKinds.some((taken) => taken === kind)) throw new InvalidToken('kind');
  const { sub, jti, client_id: client, iat, nbf, exp } = claims;
  if (![sub, jti, client].every(isText)) throw new InvalidToken('claims');
  if (![iat, exp, nbf ?? iat].every(Number.isFinite)) throw new InvalidToken('claims');
  if (!(kind === 'system' ? isService(claims) : isUser(claims))) throw new InvalidToken('claims');
  return freeze(claims) as AccessClaims;
}

const isFor = (aud: unknown, audience: string) =>
  aud === audience || (Array.isArray(aud) && aud.includes(audience));
const isText = (value: unknown) => typeof value === 'string' && value !== '';
const isUser = ({ sub, userId, session_id }: Record<string, unknown>) => userId === sub && isText(session_id);
const isService = ({ sub, userId, session_id }: Record<string, unknown>) =>
  String(sub).startsWith('service:') && userId === undefined && session_id === undefined;

function decode(token: string) {
  try {
    return decodeJwt<Record<string, unknown>>(token);
  } catch {
    throw new InvalidToken('malformed');
  }
}

/** One object answers many requests: what one of them did to it would be done to all. */
function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const name in value) freeze(value[name]); // own members alone: JSON made it
    Object.freeze(value);
  }
  return value;
}
