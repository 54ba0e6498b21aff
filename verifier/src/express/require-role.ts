import type { RoleClaim } from '../claims.js';
import { InsufficientRights } from '../errors.js';
import { guard, identityOf, type Middleware } from './middleware.js';

/** Identifiers begin with the priority in three digits: `900_admin`. */
const PRIORITY = /^(\d{3})_/;

/** 403 unless a role of the token is `wanted`: an identifier, or a number, the priority that is the least. */
export function requireRole(wanted: string | number): Middleware {
  const isWanted = (role: RoleClaim) =>
    typeof wanted === 'string' ? identifierOf(role) === wanted : priorityOf(role) >= wanted;
  return guard((request) => {
    const { roles } = identityOf(request);
    if (!Array.isArray(roles) || !roles.some(isWanted)) throw new InsufficientRights('role');
  });
}

const identifierOf = (role: RoleClaim) => (typeof role === 'string' ? role : role?.identifier);

function priorityOf(role: RoleClaim): number {
  if (typeof role !== 'string') return typeof role?.priority === 'number' ? role.priority : Number.NaN;
  return Number(PRIORITY.exec(role)?.[1]);
}
