import type { AccessClaims } from '../claims.js';
import { InvalidToken } from '../errors.js';

/** @param now milliseconds since 1970 @throws InvalidToken */
export function checkTimes(
  { iat, nbf = iat, exp }: Pick<AccessClaims, 'iat' | 'nbf' | 'exp'>,
  options: { maxAgeS: number; clockToleranceS: number },
  now: number,
): void {
  const second = Math.floor(now / 1000);
  const { maxAgeS, clockToleranceS } = options;
  if (exp + clockToleranceS <= second) throw new InvalidToken('expired');
  if (Math.max(nbf, iat) - clockToleranceS > second) throw new InvalidToken('not_yet_valid');
  if (iat + maxAgeS + clockToleranceS <= second) throw new InvalidToken('too_old');
}
