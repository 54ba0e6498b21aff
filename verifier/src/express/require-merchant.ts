import type { AccessClaims } from '../claims.js';
import { InsufficientRights } from '../errors.js';
import { type GuardedRequest, guard, identityOf, type Middleware } from './middleware.js';

export interface MerchantOptions {
  /**
   * Asked when the token's lists were cut (at most 50 are in it) and the merchant is not among them. Without it the
   * answer is 403.
   */
  whenTruncated?: (identity: AccessClaims, merchantId: string) => boolean | Promise<boolean>;
}

/**
 * 403 unless the merchant that the request is about is one of the token's.
 * @param from a path parameter's name, or what reads the id from the request
 */
export function requireMerchant<Request extends GuardedRequest = GuardedRequest>(
  from: string | ((request: Request) => unknown),
  options: MerchantOptions = {},
): Middleware<Request> {
  const read = typeof from === 'string' ? (request: Request) => request.params[from] : from;
  return guard(async (request) => {
    const identity = identityOf(request);
    const id = read(request as Request);
    if (typeof id !== 'string' || id === '') throw new InsufficientRights('merchant');
    if (Array.isArray(identity.merchants) && identity.merchants.includes(id)) return;
    const isHeld = identity.truncated === true && (await options.whenTruncated?.(identity, id));
    if (isHeld !== true) throw new InsufficientRights('merchant');
  });
}
