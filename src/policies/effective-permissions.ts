import type { PolicyIndex } from './policy-index.js';
import { ACTIONS, type Action } from './policy-row.js';

/** What may be done to one kind of thing in one domain: each action that a check would allow. */
export interface EffectivePermission {
  domain: string;
  object: string;
  actions: Action[];
}

export interface EffectivePermissions {
  permissions: EffectivePermission[];
  /** Whether nothing was left out. */
  isWhole: boolean;
}

/** @param atMost questions asked of the index, some microseconds each; what would take more is left out */
export function effectivePermissions(
  index: PolicyIndex,
  domains: readonly string[],
  objects: readonly string[],
  atMost: number,
): EffectivePermissions {
  const permissions: EffectivePermission[] = [];
  let asked = 0;
  for (const domain of domains) {
    for (const object of objects) {
      asked += ACTIONS.length;
      if (asked > atMost) return { permissions, isWhole: false };
      const actions = ACTIONS.filter((action) => index.decide({ domain, object, action }).allowed);
      if (actions.length > 0) permissions.push({ domain, object, actions });
    }
  }
  return { permissions, isWhole: true };
}

/** What of `some` is not in `others`. */
export function permissionsBeyond(
  some: readonly EffectivePermission[],
  others: readonly EffectivePermission[],
): EffectivePermission[] {
  const known = new Map(others.map((one) => [`${one.domain}\n${one.object}`, one.actions]));
  return some
    .map(({ domain, object, actions }) => {
      const had = known.get(`${domain}\n${object}`) ?? [];
      return { domain, object, actions: actions.filter((action) => !had.includes(action)) };
    })
    .filter(({ actions }) => actions.length > 0);
}
