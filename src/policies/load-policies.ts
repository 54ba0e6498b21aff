import type { Sql } from '../database/database.js';
import { type ActiveRole, compilePolicies, type PolicyIndex } from './policy-index.js';
import type { PolicyRow, PolicySubject } from './policy-row.js';

/** What is known of a subject's rights at one moment. */
export interface SubjectPolicies {
  /** Whether there is such a person, role, or other bearer of rights. */
  known: boolean;
  /** Nobody who is suspended may do anything. */
  active: boolean;
  /** The highest epoch that reaches the subject (D6). */
  version: number;
  index: PolicyIndex;
  /** Subjects, as `<type>_<id>`, whose change changes these rights. */
  reach: readonly string[];
  /** Every change up to this epoch is in here. */
  asOf: number;
}

type Column = string | null;

interface Loaded {
  known: boolean;
  active: boolean;
  roles: ActiveRole[];
  rows: Column[][];
  reach: string[];
  version: number;
  asOf: number;
}

/** One statement, so that rows and version are of one moment. */
const LOAD = 'SELECT identity.subject_policies($1, $2) AS loaded';

/** Reads everything that a subject's rights follow from, and compiles it. */
export async function loadPolicies(sql: Sql, subject: PolicySubject): Promise<SubjectPolicies> {
  const [row] = await sql.query<{ loaded: Loaded }>(LOAD, [subject.type, subject.id]);
  if (!row) throw new Error('a statement without FROM answered no row');
  const { roles, rows, ...loaded } = row.loaded;
  const counting = loaded.active ? rows.map(toPolicyRow) : [];
  return { ...loaded, index: compilePolicies(subject, counting, roles) };
}

function toPolicyRow(columns: Column[]): PolicyRow {
  const [id, variant, subjectType, subjectId, targetType, targetId, ...rest] = columns as string[];
  const [action, effect, domain, domainType, domainId, object, permitted] = rest as Column[];
  return {
    id,
    variant,
    subjectType,
    subjectId,
    targetType,
    targetId,
    action,
    effect,
    domain,
    domainType,
    domainId,
    object,
    permitted,
  } as PolicyRow;
}
