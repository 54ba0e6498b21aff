import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { type Administrator, OWNER_ROLE, PLATFORM_ROLE } from './administrator.js';
import {
  type EffectivePermission,
  effectivePermissions,
  permissionsBeyond,
} from './effective-permissions.js';
import { policyErrors } from './errors.js';
import type { SubjectPolicies } from './load-policies.js';
import type { PolicySubject } from './policy-row.js';
import { type NewPolicy, placeOf } from './stored-policy.js';

/** What an organizer's owner may write; the rest says what things are, for everybody. */
const INSIDE: readonly string[] = ['grant', 'policy', 'assign_role', 'group', 'join_domain'];

/**
 * An owner administers inside their organizer and nowhere else; what lies elsewhere is as if it were not there.
 * @throws Problem `request.not_found` (404), or `policy.not_administrator` (403) for what no owner may write
 */
export function requireInside({ domains }: Administrator, policy: NewPolicy): void {
  if (domains === undefined) return;
  const place = placeOf(policy);
  if (place !== undefined && !domains.has(place)) throw new Problem(requestErrors.not_found);
  if (place === undefined || !INSIDE.includes(policy.variant))
    throw new Problem(policyErrors.not_administrator);
}

/** Questions to an index: about half a second, during which other writers wait. */
export const MOST_QUESTIONS = 100_000;

/** What a write changes for the one whose row it is. */
export interface Difference {
  grants: EffectivePermission[];
  takes: EffectivePermission[];
  /** Whether nothing was left out. */
  isWhole: boolean;
}

export const NO_DIFFERENCE: Difference = { grants: [], takes: [], isWhole: true };

/** What a subject may do, before and after, in these places. */
export function compareRights(
  before: SubjectPolicies,
  after: SubjectPolicies,
  places: readonly string[],
): Difference {
  const objects = [...new Set([...before.index.objects(), ...after.index.objects()])];
  const had = effectivePermissions(before.index, places, objects, MOST_QUESTIONS);
  const has = effectivePermissions(after.index, places, objects, MOST_QUESTIONS);
  return {
    grants: permissionsBeyond(has.permissions, had.permissions),
    takes: permissionsBeyond(had.permissions, has.permissions),
    isWhole: had.isWhole && has.isWhole,
  };
}

/** Where a row can make a difference: where it counts, and wherever below that somebody's rows say something else. */
export function placesConcerned(
  { domains, index }: Administrator,
  rows: readonly NewPolicy[],
  subjects: readonly SubjectPolicies[],
): string[] {
  const outer = rows.map(placeOf).filter((place) => place !== undefined);
  const named = [index, ...subjects.map((one) => one.index)].flatMap((one) => one.domains());
  const concerned = domains
    ? named.filter((domain) => outer.some((place) => index.isWithin(domain, place)))
    : named;
  return [...new Set([...outer, ...concerned])];
}

/**
 * Nobody gives more than they hold: neither an action nor a role above their own, to anybody, nor by taking a denial
 * away. The platform's administrators hold everything.
 * @param given the role that the row assigns, with all that it inherits
 * @throws Problem `policy.more_than_held` (403)
 */
export function requireHeld(
  { domains, index }: Administrator,
  { grants, isWhole }: Difference,
  place: string | undefined,
  given: SubjectPolicies | undefined,
): void {
  if (domains === undefined) return;
  // What is too much to compare is not taken for little.
  const isHeld =
    isWhole &&
    grants.every(({ domain, object, actions }) =>
      actions.every((action) => index.decide({ domain, object, action }).allowed),
    );
  const own = Math.max(...index.rolesAt(place ?? '').map(({ priority }) => priority), -1);
  const highest = Math.max(...(given?.index.rolesAt('') ?? []).map(({ priority }) => priority), -1);
  if (!isHeld || highest > own) throw new Problem(policyErrors.more_than_held);
}

/** Which subject's rights a row is about; undefined for rows about domains, things and actions. */
export function bearerOf({ subjectType: type, subjectId: id }: NewPolicy): PolicySubject | undefined {
  return ['User', 'Service', 'Role'].includes(type) ? { type, id } : undefined;
}

/** Whether somebody active still holds a role itself, or one that inherits from it: everywhere (null), or at this domain. */
const LEFT = `
  SELECT EXISTS (
    SELECT FROM identity."User" AS person
    JOIN public."PolicyDefinition" AS assigned ON assigned.variant IN ('assign_role', 'group')
      AND assigned.subject_type = 'User' AND assigned.subject_id = person.id AND assigned.target_type = 'Role'
      AND CASE WHEN $2::text IS NULL
        THEN coalesce(nullif(assigned.domain_type, ''), nullif(assigned.domain, ''), 'Platform') = 'Platform'
        ELSE coalesce(nullif(assigned.domain_type, '') || '_' || assigned.domain_id, assigned.domain) = $2 END
    WHERE person.status = 'ACTIVE' AND assigned.target_id IN (
      WITH RECURSIVE administering (id) AS (
        SELECT id FROM identity."Role" WHERE identifier = $1 AND status = 'ACTIVE'
        UNION
        SELECT lower.subject_id FROM administering JOIN public."PolicyDefinition" AS lower
          ON lower.variant = 'role_inherits' AND lower.subject_type = 'Role' AND lower.target_type = 'Role'
          AND lower.target_id = administering.id)
      SELECT id FROM administering)) AS left`;

async function isHeldBySomebody(sql: Sql, role: string, place: string | null): Promise<boolean> {
  const [row] = await sql.query<{ left: boolean }>(LEFT, [role, place]);
  return row?.left === true;
}

/**
 * Writers of policies take turns by now, so of two who remove each other one is refused.
 * @throws Problem `policy.last_administrator` (409)
 */
export async function requireAdministratorsLeft(sql: Sql): Promise<void> {
  if (!(await isHeldBySomebody(sql, PLATFORM_ROLE, null))) throw new Problem(policyErrors.last_administrator);
}

/** Whether somebody active owns what this domain is, such as `Organizer_<id>`. */
export const hasOwner = (sql: Sql, place: string): Promise<boolean> =>
  isHeldBySomebody(sql, OWNER_ROLE, place);
