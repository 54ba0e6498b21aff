import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { policyErrors } from './errors.js';
import type { SubjectPolicies } from './load-policies.js';
import type { PolicyCache } from './policy-cache.js';
import { PLATFORM } from './policy-domain.js';
import type { PolicyIndex } from './policy-index.js';

export const PLATFORM_ROLE = '900_admin';
export const OWNER_ROLE = '500_owner';

/** Who may administer rights. */
export interface Administrator {
  userId: string;
  index: PolicyIndex;
  /** Undefined for an administrator of the platform, who may everywhere; else the domains of an organizer's owner. */
  domains: ReadonlySet<string> | undefined;
}

export const isPlatformAdministrator = ({ active, index }: SubjectPolicies): boolean =>
  active && index.rolesAt(PLATFORM).some(({ identifier }) => identifier === PLATFORM_ROLE);

/**
 * By what they hold now, whatever their token says.
 * @throws Problem `policy.not_administrator` (403)
 */
export function requireAdministrator(userId: string, policies: SubjectPolicies): Administrator {
  const { active, index } = policies;
  if (isPlatformAdministrator(policies)) return { userId, index, domains: undefined };
  const domains = active ? index.domainsOf(OWNER_ROLE) : [];
  if (domains.length === 0) throw new Problem(policyErrors.not_administrator);
  return { userId, index, domains: new Set(domains) };
}

/** @throws Problem `request.role_missing` (403) for an owner, who administers inside an organizer alone */
export function requirePlatform({ domains }: Administrator): void {
  if (domains !== undefined) throw new Problem(requestErrors.role_missing);
}

/** Somebody who administers, and where, as `requireAdministrator` finds them. */
export type FindAdministrator = (userId: string) => Promise<Administrator>;

/** For all that the same people administer, from policies that are a second old at the most. */
export const createFindAdministrator =
  (policies: Pick<PolicyCache, 'of'>): FindAdministrator =>
  async (userId) =>
    requireAdministrator(userId, await policies.of({ type: 'User', id: userId }));
