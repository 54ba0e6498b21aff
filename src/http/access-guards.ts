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
  if ('service' in access) return [...serviceGate.identify, serviceGate.permit(access.service)];
  const [person, service] = access.anyOf;
  return [personOrService(accessGuards(person, gates), accessGuards(service, gates), service.service, gates)];
}

/** The scheme of `Authorization` tells who calls; a system token is a service's whatever else it could be. */
function personOrService(
  person: RequestHandler[],
  service: RequestHandler[],
  call: string,
  { serviceGate, findServiceByToken }: Gates,
): RequestHandler {
  const [asPerson, asService] = [Router().use(...person), Router().use(...service)];
  const permit = serviceGate.permit(call);
  return async (request, response, next) => {
    const authorization = request.get('authorization');
    if (/^basic /i.test(authorization ?? '')) return asService(request, response, next);
    const found = await findServiceByToken(authorization);
    if (!found) return asPerson(request, response, next);
    contextOf(response).note({ service: found.name });
    response.locals.caller = found;
    return permit(request, response, next);
  };
}
