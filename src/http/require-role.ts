import type { RequestHandler } from 'express';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { Caller } from './route.js';

/** After authentication: refuses with 403 when the token's roles, written in either shape (T3), hold no such one. */
export function requireRole(identifier: string): RequestHandler {
  return (_request, response, next) => {
    const { roles } = (response.locals.caller as Caller).claims;
    const held = Array.isArray(roles) ? roles : [];
    if (!held.some((role) => role === identifier || role?.identifier === identifier)) {
      throw new Problem(requestErrors.role_missing);
    }
    next();
  };
}
