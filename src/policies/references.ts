import type { Sql } from '../database/database.js';
import { Problem } from '../errors/problem.js';
import type { Administrator } from './administrator.js';
import { policyErrors } from './errors.js';
import { type NewPolicy, placeOf } from './stored-policy.js';

/** Which table knows what a row names. Domains belong to tenants, whose rows nobody sees from outside (D12). */
const TABLES: Record<string, string> = {
  User: 'identity."User"',
  Role: 'identity."Role"',
  Permission: 'identity."Permission"',
  Service: 'identity."Service"',
};

/** @throws Problem `policy.unknown_reference` (422) */
export async function checkReferences(sql: Sql, policy: NewPolicy): Promise<void> {
  for (const [path, type, id] of [
    ['subjectId', policy.subjectType, policy.subjectId],
    ['targetId', policy.targetType, policy.targetId],
  ] as const) {
    const table = TABLES[type];
    if (table === undefined) continue;
    const [known] = await sql.query(`SELECT FROM ${table} WHERE id = $1`, [id]);
    if (!known) throw unknownReference(path);
  }
}

/**
 * An organizer's owner gives rights to its members alone, and learns of nobody else whether they exist. The tenant whose
 * transaction this is stays what it was.
 * @throws Problem `policy.unknown_reference` (422)
 */
export async function checkMember(
  sql: Sql,
  { userId, index, domains }: Administrator,
  policy: NewPolicy,
): Promise<void> {
  if (domains === undefined || policy.subjectType !== 'User') return;
  const place = placeOf(policy) ?? '';
  const organizers = [...domains]
    .filter((name) => name.startsWith('Organizer_') && index.isWithin(place, name))
    .map((name) => name.slice('Organizer_'.length));
  const [before] = await sql.query<{ tenant: string | null }>(
    `SELECT current_setting('app.tenant_id', true) AS tenant`,
  );
  // The owner's own places show which tenants these are.
  await sql.query(`SELECT set_config('app.user_id', $1, true)`, [userId]);
  const tenants = await sql.query<{ id: string; tenant_id: string }>(
    'SELECT id, tenant_id FROM identity."Organizer" WHERE id = ANY($1)',
    [organizers],
  );
  await sql.query(`SELECT set_config('app.user_id', '', true)`);
  let isMember = false;
  for (const { id, tenant_id: tenantId } of tenants) {
    await sql.query(`SELECT set_config('app.tenant_id', $1, true)`, [tenantId]);
    const [member] = await sql.query(
      `SELECT FROM identity."Member" WHERE organizer_id = $1 AND user_id = $2 AND status = 'ACTIVE'`,
      [id, policy.subjectId],
    );
    isMember ||= member !== undefined;
  }
  await sql.query(`SELECT set_config('app.tenant_id', $1, true)`, [before?.tenant ?? '']);
  if (!isMember) throw unknownReference('subjectId');
}

export const unknownReference = (path: string): Problem =>
  new Problem(policyErrors.unknown_reference, {
    errors: [{ path, message: 'There is no such one', code: 'unknown_reference' }],
  });
