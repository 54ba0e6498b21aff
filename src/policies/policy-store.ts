import type { Sql } from '../database/database.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import type { NewPolicy, StoredPolicy } from './stored-policy.js';

const COLUMNS = `id, variant, subject_type AS "subjectType", subject_id AS "subjectId", target_type AS "targetType",
  target_id AS "targetId", action, effect, domain, domain_type AS "domainType", domain_id AS "domainId", metadata,
  origin, to_jsonb(created_at) #>> '{}' AS "createdAt", to_jsonb(modified_at) #>> '{}' AS "modifiedAt"`;

/** Where a row counts, in one spelling; of a membership, what is joined. */
export const PLACE = `CASE WHEN variant = 'join_domain' THEN target_type || '_' || target_id
  ELSE coalesce(nullif(domain_type, '') || '_' || domain_id, domain) END`;

export interface PolicyFilter {
  variant?: string | undefined;
  subjectType?: string | undefined;
  subjectId?: string | undefined;
  targetType?: string | undefined;
  targetId?: string | undefined;
  domain?: string | undefined;
  origin?: string | undefined;
}

/** @param within domains outside which no row is shown; undefined: all */
export async function listPolicies(
  sql: Sql,
  filter: PolicyFilter,
  within: readonly string[] | undefined,
  page: PageQuery,
): Promise<Page<StoredPolicy>> {
  const items = await sql.query<StoredPolicy>(
    `SELECT ${COLUMNS} FROM public."PolicyDefinition"
     WHERE ($1::text IS NULL OR variant = $1) AND ($2::text IS NULL OR subject_type = $2)
       AND ($3::text IS NULL OR subject_id = $3) AND ($4::text IS NULL OR target_type = $4)
       AND ($5::text IS NULL OR target_id = $5) AND ($6::text IS NULL OR ${PLACE} = $6)
       AND ($7::text IS NULL OR origin = $7) AND ($8::text[] IS NULL OR ${PLACE} = ANY($8))
       AND ($9::text IS NULL OR id > $9)
     ORDER BY id LIMIT $10`,
    [
      filter.variant,
      filter.subjectType,
      filter.subjectId,
      filter.targetType,
      filter.targetId,
      filter.domain,
      filter.origin,
      within,
      page.cursor,
      page.limit + 1,
    ],
  );
  return toPage(items, page.limit);
}

/** Locks the row, so that what was judged is what is changed. */
export async function lockPolicy(sql: Sql, id: string): Promise<StoredPolicy | undefined> {
  const [row] = await sql.query<StoredPolicy>(
    `SELECT ${COLUMNS} FROM public."PolicyDefinition" WHERE id = $1 FOR UPDATE`,
    [id],
  );
  return row;
}

export async function hasSuchPolicy(sql: Sql, policy: NewPolicy, exceptId: string | null): Promise<boolean> {
  const [same] = await sql.query(
    `SELECT FROM public."PolicyDefinition"
     WHERE variant = $1 AND subject_type = $2 AND subject_id = $3 AND target_type = $4 AND target_id = $5
       AND action IS NOT DISTINCT FROM $6 AND effect IS NOT DISTINCT FROM $7
       AND domain IS NOT DISTINCT FROM $8 AND id IS DISTINCT FROM $9 LIMIT 1`,
    [...about(policy), policy.action, policy.effect, policy.domain, exceptId],
  );
  return same !== undefined;
}

export async function insertPolicy(sql: Sql, id: string, policy: NewPolicy): Promise<StoredPolicy> {
  const [row] = await sql.query<StoredPolicy>(
    `INSERT INTO public."PolicyDefinition" (id, variant, subject_type, subject_id, target_type, target_id,
       action, effect, domain, domain_type, domain_id, metadata)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING ${COLUMNS}`,
    [id, ...about(policy), ...says(policy)],
  );
  return row as StoredPolicy;
}

export async function updatePolicy(sql: Sql, policy: StoredPolicy): Promise<StoredPolicy> {
  const [row] = await sql.query<StoredPolicy>(
    `UPDATE public."PolicyDefinition" SET action = $2, effect = $3, domain = $4, domain_type = $5, domain_id = $6,
       metadata = $7, modified_at = now()
     WHERE id = $1 RETURNING ${COLUMNS}`,
    [policy.id, ...says(policy)],
  );
  return row as StoredPolicy;
}

export async function deletePolicy(sql: Sql, id: string): Promise<void> {
  await sql.query('DELETE FROM public."PolicyDefinition" WHERE id = $1', [id]);
}

const about = ({ variant, subjectType, subjectId, targetType, targetId }: NewPolicy) => [
  variant,
  subjectType,
  subjectId,
  targetType,
  targetId,
];

const says = ({ action, effect, domain, domainType, domainId, metadata }: NewPolicy) => [
  action,
  effect,
  domain,
  domainType,
  domainId,
  metadata === null ? null : JSON.stringify(metadata),
];
