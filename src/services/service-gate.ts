import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { CountRefusal } from '../audit/index.js';
import { Problem } from '../errors/problem.js';
import { socketAddress } from '../http/client-address.js';
import { readConnection } from '../http/connection.js';
import { bySocketAddress, type CreateLimit } from '../http/limits.js';
import { contextOf } from '../http/request-context.js';
import type { ServiceCaller, ServiceGate } from '../http/route.js';
import { BASIC_CHALLENGE, serviceErrors } from './errors.js';
import type { IdentifyService } from './identify-service.js';
import type { Attempt } from './service.js';

const attemptOf = (request: Request): Attempt => ({
  authorization: request.get('authorization'),
  ...readConnection(request),
});

/** A hash, so that Redis holds no text that a stranger chose. */
const hashed = (name: string): string => createHash('sha256').update(name).digest('base64url');

/**
 * Limits on checks of secrets, by address and by name. What is known already costs no check and doesn't count; what
 * is refused anyway counts for its address alone, so that strangers can't use up a service's own limit.
 */
export function createServiceLimits(options: {
  limit: CreateLimit;
  service: IdentifyService;
  perAddress: number;
  perName: number;
}): RequestHandler[] {
  const { limit, service, perAddress, perName } = options;
  return [
    limit({
      name: 'service-address',
      perMinute: perAddress,
      key: bySocketAddress,
      skip: (request) => service.isKnown(attemptOf(request)),
    }),
    limit({
      name: 'service-name',
      perMinute: perName,
      key: (request) => hashed(service.nameOf(attemptOf(request)) ?? ''),
      skip: (request) => {
        const attempt = attemptOf(request);
        return service.nameOf(attempt) === undefined || service.isKnown(attempt);
      },
    }),
  ];
}

/** Stands before routes of services: one 401 for every reason (contract §7), then 403 outside the grant. */
export function createServiceGate(options: {
  limits: readonly RequestHandler[];
  service: IdentifyService;
  countRefusal: CountRefusal;
}): ServiceGate {
  const refused = (request: Request, response: Response, serviceId?: string): void =>
    options.countRefusal({
      action: 'service.refused',
      call: (response.locals.route as string | undefined) ?? 'internal',
      address: socketAddress(request),
      ...(serviceId === undefined ? {} : { serviceId }),
    });

  const identify: RequestHandler = async (request, response, next) => {
    const service = await options.service.identify(attemptOf(request));
    if (!service) {
      refused(request, response);
      throw new Problem(serviceErrors.refused, { headers: BASIC_CHALLENGE });
    }
    contextOf(response).note({ service: service.name });
    const { id: serviceId, name, grants } = service;
    response.locals.caller = { serviceId, name, grants } satisfies ServiceCaller;
    next();
  };
  return {
    identify: [...options.limits, identify],
    permit: (call) => (request, response, next) => {
      const { grants, serviceId } = response.locals.caller as ServiceCaller;
      if (!grants.some((grant) => grant.call === call)) {
        refused(request, response, serviceId);
        throw new Problem(serviceErrors.call_not_granted);
      }
      next();
    },
  };
}
