import type { Sql, Transaction } from '../database/database.js';
import { type OnRightsTaken, PLACE, takeTurns } from '../policies/index.js';
import type { EmitToUser } from '../redis/emit-to-user.js';
import type { Scope } from './scope.js';

/** Rows that moved, by what they say: for the trail. */
export interface Moved {
  id: string;
  userId: string | null;
  says: string;
}

export interface Settled {
  taken: Moved[];
  givenBack: Moved[];
}

/** Makes PolicyDefinition say what the states of an organizer, its merchants and members say, in the caller's transaction. */
export type SettlePolicies = (sql: Transaction, scope: Scope) => Promise<Settled>;

/**
 * PolicyDefinition alone says what somebody may (0027): so while a member, merchant or organizer is suspended, the rows
 * that give something there wait in HeldPolicy, and go back when nothing is suspended any more that they hang on. Denials
 * stay where they are. The caller holds the organizer's row.
 */
export function createSettlePolicies(options: {
  onRightsTaken: OnRightsTaken;
  emitToUser: EmitToUser;
}): SettlePolicies {
  const { onRightsTaken, emitToUser } = options;
  return async (sql, { organizerId, tenantId }) => {
    const taken = await sql.query<Moved>(TAKE, [organizerId, tenantId]);
    const givenBack = await sql.query<Moved>(GIVE_BACK, [organizerId]);
    await takeTurns(sql);
    const losers = [...new Set(taken.flatMap(({ userId }) => userId ?? []))];
    if (losers.length > 0) await onRightsTaken(sql, losers);
    const concerned = new Set([...losers, ...givenBack.flatMap(({ userId }) => userId ?? [])]);
    await tell(sql, [...concerned].slice(0, MOST_TOLD), emitToUser);
    return { taken, givenBack };
  };
}

/** Best effort (P6): of more people than this, the rest hear of it by the feed of changes alone. */
const MOST_TOLD = 100;

async function tell(sql: Transaction, userIds: readonly string[], emitToUser: EmitToUser): Promise<void> {
  const versions = await sql.query<{ id: string; version: string }>(
    `SELECT id, identity.policy_version('User', id)::text AS version FROM unnest($1::text[]) AS id`,
    [userIds],
  );
  for (const { id, version } of versions) {
    const policyVersion = Number(version);
    sql.afterCommit(() => emitToUser(id, 'identity.permissions-changed', { policyVersion }));
  }
}

/** Forgets what is held back of somebody who is no member any more. */
export async function forgetHeld(sql: Sql, { organizerId }: Scope, userId: string): Promise<void> {
  await sql.query('DELETE FROM identity."HeldPolicy" WHERE organizer_id = $1 AND user_id = $2', [
    organizerId,
    userId,
  ]);
}

/** The organizer and its merchants as domains, and whether what is said of them counts. */
const PLACES = `
  SELECT 'Organizer_' || id AS name, status = 'ACTIVE' AS open FROM identity."Organizer" WHERE id = $1
  UNION ALL
  SELECT 'Merchant_' || merchant.id, merchant.status = 'ACTIVE' AND organizer.status = 'ACTIVE'
  FROM identity."Merchant" AS merchant JOIN identity."Organizer" AS organizer ON organizer.id = merchant.organizer_id
  WHERE organizer.id = $1`;

const SUSPENDED_MEMBERS = `
  SELECT user_id FROM identity."Member" WHERE organizer_id = $1 AND status = 'SUSPENDED'`;

const SAYS = (row: string) => `concat_ws(' ', ${row}.variant, ${row}.target_type || '_' || ${row}.target_id,
  ${row}.action, coalesce(${row}.domain_type || '_' || ${row}.domain_id, ${row}.domain)) AS says`;

/** A suspended merchant no longer lies in its organizer either: what is held there reaches it no more. */
const TAKE = `
  WITH place AS (${PLACES}), due AS (
    SELECT one.id, place.name FROM place JOIN public."PolicyDefinition" AS one ON ${PLACE} = place.name
    WHERE (one.variant IN ('assign_role', 'group', 'join_domain')
        OR (one.variant IN ('grant', 'policy') AND coalesce(one.effect, 'allow') = 'allow'))
      AND (NOT place.open OR (one.subject_type = 'User' AND one.subject_id IN (${SUSPENDED_MEMBERS})))
    UNION
    SELECT link.id, 'Merchant_' || merchant.id FROM identity."Merchant" AS merchant
    JOIN public."PolicyDefinition" AS link ON link.variant = 'domain_inherits' AND link.subject_type = 'Merchant'
      AND link.subject_id = merchant.id AND link.target_type = 'Organizer' AND link.target_id = $1
    WHERE merchant.organizer_id = $1 AND merchant.status = 'SUSPENDED'
  ), taken AS (
    DELETE FROM public."PolicyDefinition" AS policy USING due WHERE policy.id = due.id
    RETURNING policy.*, due.name
  ), held AS (
    INSERT INTO identity."HeldPolicy" (id, tenant_id, organizer_id, place, user_id, row)
    SELECT id, $2, $1, name, CASE WHEN subject_type = 'User' THEN subject_id END, to_jsonb(taken) - 'name' FROM taken)
  SELECT taken.id, CASE WHEN subject_type = 'User' THEN subject_id END AS "userId", ${SAYS('taken')}
  FROM taken ORDER BY taken.id`;

const GIVE_BACK = `
  WITH place AS (${PLACES}), due AS (
    DELETE FROM identity."HeldPolicy" AS held USING place
    WHERE held.organizer_id = $1 AND held.place = place.name AND place.open
      AND (held.user_id IS NULL OR held.user_id NOT IN (${SUSPENDED_MEMBERS}))
    RETURNING held.row
  ), back AS (
    INSERT INTO public."PolicyDefinition"
    SELECT (jsonb_populate_record(NULL::public."PolicyDefinition", due.row)).* FROM due
    ON CONFLICT (id) DO NOTHING RETURNING *)
  SELECT back.id, CASE WHEN subject_type = 'User' THEN subject_id END AS "userId", ${SAYS('back')}
  FROM back ORDER BY back.id`;
