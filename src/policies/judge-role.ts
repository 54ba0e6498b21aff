import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { Administrator } from './administrator.js';
import { checkGivenRole } from './check-shape.js';
import { effectivePermissions } from './effective-permissions.js';
import { MOST_QUESTIONS, placesConcerned, requireHeld } from './judge-write.js';
import { loadPolicies } from './load-policies.js';
import { unknownReference } from './references.js';
import { placeOf, toNewPolicy } from './stored-policy.js';

/**
 * Whether somebody may give a role in a domain of theirs, to whomever: nobody gives more than they hold.
 * @throws Problem `request.not_found` (404) for a domain that is not theirs, `policy.unknown_reference` (422) for no such
 * role, `policy.not_enforceable` (422), `policy.more_than_held` (403)
 */
export async function judgeRole(
  sql: Sql,
  writer: Administrator,
  roleId: string,
  domain: string,
): Promise<void> {
  if (writer.domains && !writer.domains.has(domain)) throw new Problem(requestErrors.not_found);
  const given = await loadPolicies(sql, { type: 'Role', id: roleId });
  if (!given.known) throw unknownReference('roleId');
  const wanted = toNewPolicy({
    variant: 'assign_role',
    subjectType: 'User',
    subjectId: '0',
    targetType: 'Role',
    targetId: roleId,
    domain,
  });
  checkGivenRole(wanted, given);
  const places = placesConcerned(writer, [wanted], [given]);
  const { permissions, isWhole } = effectivePermissions(
    given.index,
    places,
    given.index.objects(),
    MOST_QUESTIONS,
  );
  requireHeld(writer, { grants: permissions, takes: [], isWhole }, placeOf(wanted), given);
}
