/** Stock sisters allow no clock skew at all, so a token is valid from a little before it is made (contract §1). */
const NOT_BEFORE_SKEW_S = 5;

/** What every access token says, whoever it is of. Times in seconds since 1970. */
export function standardClaims(token: {
  issuer: string;
  audience: string;
  sub: string;
  clientId: string;
  iat: number;
  exp: number;
  jti: string;
}) {
  return {
    iss: token.issuer,
    aud: token.audience,
    iat: token.iat,
    nbf: token.iat - NOT_BEFORE_SKEW_S,
    exp: token.exp,
    jti: token.jti,
    sub: token.sub,
    client_id: token.clientId,
  };
}
