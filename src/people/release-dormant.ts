import { recordImpersonal } from '../audit/index.js';
import type { Sql } from '../database/database.js';

/** Of `held` and its `person`: a number that went silent, of an account with another proven identifier. $3: days, 0 for never. */
export const IS_DORMANT = `(held.scheme = 'phone' AND $3::integer > 0
  AND greatest(person.last_login_at, held.proven_at) < now() - make_interval(days => $3)
  AND EXISTS (SELECT FROM identity."Identifier" AS other
    WHERE other.user_id = person.id AND (other.scheme, other.value) <> (held.scheme, held.value)))`;

/** Lets go of a number that the account it opened has not used for long, so that whoever proves it now may hold it. */
export async function releaseDormant(sql: Sql, phone: string, dormantDays: number): Promise<void> {
  const [released] = await sql.query<{ id: string }>(RELEASE, ['phone', phone, dormantDays]);
  if (!released) return;
  await recordImpersonal(sql, {
    actor: { type: 'system', id: 'dormant-numbers' },
    action: 'user.identifier_yielded',
    subject: { type: 'user', id: released.id },
    after: { scheme: 'phone' },
  });
}

const RELEASE = `
  WITH released AS (
    DELETE FROM identity."Identifier" AS held USING identity."User" AS person
    WHERE person.id = held.user_id AND held.scheme = $1 AND held.value = $2 AND ${IS_DORMANT}
    RETURNING person.id)
  UPDATE identity."User" AS person SET phone = NULL, phone_verified = false, modified_at = now()
  FROM released WHERE person.id = released.id RETURNING person.id`;
