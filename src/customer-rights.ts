import type { MayAct } from './customers/scope.js';
import { isService } from './http/route.js';
import type { Permit } from './policies/permit.js';
import { merchantDomain } from './policies/policy-domain.js';

/** A service by a grant that names the merchant; a person by their rights there, with a branch's token in that branch alone. */
export function createMayAct(permit: Permit): MayAct {
  return async (caller, merchantId, action) => {
    if (isService(caller)) {
      const call = action === 'read' ? 'customers.read' : 'customers.write';
      return caller.grants.some((grant) => grant.call === call && grant.merchantId === merchantId);
    }
    const { userId, claims } = caller;
    const branch = claims.active_branch_id;
    if (branch !== undefined && branch !== merchantId) return false;
    const question = { domain: merchantDomain(merchantId), object: 'customer', action };
    return (await permit({ type: 'User', id: userId }, question)).allowed;
  };
}
