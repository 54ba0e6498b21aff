import { InvalidToken, MissingToken } from '../errors.js';

/** RFC 6750 §2.1, the scheme in any case (RFC 9110 §11.1). */
const BEARER = /^bearer(?: +(.*))?$/i;
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

/**
 * The token of an `Authorization` header. Tokens in a query or a form are not taken (RFC 9700 §4.3.2).
 * @throws MissingToken when there is none or another scheme, InvalidToken when what follows `Bearer` is no token
 */
export function tokenFromHeader(authorization: string | undefined): string {
  const found = BEARER.exec(authorization ?? '');
  if (!found) throw new MissingToken();
  const token = found[1]?.trimEnd() ?? '';
  if (!TOKEN.test(token)) throw new InvalidToken('malformed');
  return token;
}
