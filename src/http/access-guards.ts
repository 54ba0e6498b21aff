import { type RequestHandler, Router } from 'express';
import { contextOf } from './request-context.js';
import { requireRole } from './require-role.js';
import type { Access, FindServiceByToken, ServiceGate } from './route.js';

export interface Gates {
  authenticate: RequestHandler;
  serviceGate: ServiceGate;
  findServiceByToken: FindServiceByToken;
}

/** What stands before a route: nothing, a person's token, a service's credential, or whichever of these the request shows. */
export function accessGuards(access: Access, gates: Gates): RequestHandler[] {
  const { authenticate, serviceGate } = gates;
  if (access === 'public') return [];
  if (access === 'user' || 'token' in access) return [authenticate];
  if ('role' in access) return [authenticate, requireRole(access.role)];
  const byCredential = (call: string) => [...serviceGate.identify, serviceGate.permit(call)];
  if ('service' in access) return [tokenOr(byCredential(access.service), access.service, gates)];
  const [person, { service: call }] = access.anyOf;
  return [tokenOr(accessGuards(person, gates), call, gates, byCredential(call))];
}

/**
 * A system token is a service's whatever else it could be; without one whoever the others admit, BASIC where that is told
 * apart from them.
 */
function tokenOr(
  others: RequestHandler[],
  call: string,
  { serviceGate, findServiceByToken }: Gates,
  basic: RequestHandler[] = others,
): RequestHandler {
  const [asOther, byBasic] = [Router().use(...others), Router().use(...basic)];
  const permit = serviceGate.permit(call);
  return async (request, response, next) => {
    const authorization = request.get('authorization');
    if (/^basic /i.test(authorization ?? '')) return byBasic(request, response, next);
    const found = await findServiceByToken(authorization);
    if (!found) return asOther(request, response, next);
    contextOf(response).note({ service: found.name });
    response.locals.caller = found;
    return permit(request, response, next);
  };
}
