import { InsufficientRights } from '../errors.js';
import type { Permissions } from '../permissions/create-permissions.js';
import { isAction, isObject, type PermissionAction, readDomain } from '../permissions/permission-question.js';
import { type GuardedRequest, guard, identityOf, type Middleware } from './middleware.js';

export interface RequirePermissionOptions<Request extends GuardedRequest = GuardedRequest> {
  permissions: Pick<Permissions, 'may'>;
  /**
   * Where it is to be done: the name of a path parameter that holds a merchant's id, or what reads a domain from the
   * request (`Platform`, `Organizer_<id>`, `Merchant_<id>`, or a merchant's bare id).
   */
  domain: string | ((request: Request) => unknown);
}

/**
 * 403 unless the token's bearer may do this there, as policies are now; 503 while nobody can say.
 * @param object a kind of thing, such as `customer`
 * @throws TypeError for an object or action that is none
 */
export function requirePermission<Request extends GuardedRequest = GuardedRequest>(
  object: string,
  action: PermissionAction,
  { permissions, domain: from }: RequirePermissionOptions<Request>,
): Middleware<Request> {
  if (!isObject(object) || !isAction(action))
    throw new TypeError('requirePermission: the object or the action is not usable');
  const read = typeof from === 'string' ? (request: Request) => merchantOf(request.params[from]) : from;
  return guard(async (request) => {
    const identity = identityOf(request);
    const domain = readDomain(read(request as Request));
    if (domain === undefined || !(await permissions.may(identity, { domain, object, action })))
      throw new InsufficientRights('permission');
  });
}

/** Of a path nothing but an id is taken: whatever it holds names a merchant, never another kind of domain. */
const merchantOf = (id: unknown) => (typeof id === 'string' ? `Merchant_${id}` : undefined);
