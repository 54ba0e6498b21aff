import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import { type EffectivePermission, effectivePermissions } from './effective-permissions.js';
import type { PolicyCache } from './policy-cache.js';
import { PLATFORM } from './policy-domain.js';
import type { PolicyIndex } from './policy-index.js';
import type { PolicySubject } from './policy-row.js';
import type { Snapshot } from './snapshot.js';

/** In one answer; and questions to the index, a tenth of a second at the most. */
const MOST_PERMISSIONS = 1000;
const MOST_QUESTIONS = 20_000;
/** The snapshot stops at the first that no token carries. */
const MOST_PLACES = 50;

type Places = Pick<Snapshot, 'roles' | 'organizers' | 'merchants'>;

export interface SubjectDescription extends Places {
  permissions: EffectivePermission[];
  truncated?: true;
  policyVersion: number;
}

/**
 * What somebody is and may do; in a branch (`Merchant_<id>`), what counts there alone.
 * @throws Problem `request.not_found` (404) for a subject that nobody knows
 */
export type DescribeSubject = (
  subject: PolicySubject,
  branch: string | undefined,
) => Promise<SubjectDescription>;

export function createDescribeSubject(options: {
  database: Sql;
  policies: Pick<PolicyCache, 'of'>;
}): DescribeSubject {
  const { database, policies } = options;

  /** As a token of now would say it. */
  async function placesOf(subject: PolicySubject, index: PolicyIndex): Promise<Places> {
    if (subject.type !== 'User') return { roles: index.rolesAt(PLATFORM), organizers: [], merchants: [] };
    const [row] = await database.query<{ snapshot: Snapshot }>(
      'SELECT identity.subject_snapshot($1) AS snapshot',
      [subject.id],
    );
    if (!row) throw new Error('a statement without FROM answered no row');
    return row.snapshot;
  }

  return async (subject, branch) => {
    const { known, active, index, version } = await policies.of(subject);
    if (!known) throw new Problem(requestErrors.not_found);
    const domains = branch === undefined ? index.domains() : [branch];
    const found = effectivePermissions(index, domains, index.objects(), MOST_QUESTIONS);
    const { roles, organizers, merchants } =
      branch === undefined && active ? await placesOf(subject, index) : placeOfBranch(index, branch);
    const isWhole =
      found.isWhole &&
      found.permissions.length <= MOST_PERMISSIONS &&
      [roles, organizers, merchants].every(({ length }) => length <= MOST_PLACES);
    return {
      roles: roles.slice(0, MOST_PLACES),
      organizers: organizers.slice(0, MOST_PLACES),
      merchants: merchants.slice(0, MOST_PLACES),
      permissions: found.permissions.slice(0, MOST_PERMISSIONS),
      ...(isWhole ? {} : { truncated: true }),
      policyVersion: version,
    };
  };
}

/** Of somebody who is suspended nothing is left. */
function placeOfBranch(index: PolicyIndex, branch: string | undefined): Places {
  if (branch === undefined) return { roles: [], organizers: [], merchants: [] };
  return { roles: index.rolesAt(branch), organizers: [], merchants: [branch.slice('Merchant_'.length)] };
}
