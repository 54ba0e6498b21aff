import type { AuditAction } from '../../audit/index.js';
import { recordImpersonal } from '../../audit/index.js';
import { LONGEST_ACCESS_TOKEN_S } from '../../config/environment-schema.js';
import type { Sql, Transaction } from '../../database/database.js';
import { CONSUMER_LACKS } from './key-consumers.js';
import type { HeldKey } from './key-folder.js';
import { HELD, LACKED, MAY_SIGN_FOR_MS } from './replicas.js';
import type { Activation, KeyTimes } from './signing-key.js';

/** A replica that hasn't heard of its successor yet may sign for so long; then the leeway of verifiers. */
const LAST_TOKEN_S = MAY_SIGN_FOR_MS / 1000 + LONGEST_ACCESS_TOKEN_S + 60;

// Every change is made in a transaction that holds the lock (`lockKeys`), with its line in the audit trail.

/** The very first key: nobody can have verified by another. */
export async function addFirstKey(sql: Transaction, key: HeldKey): Promise<void> {
  await sql.query(
    `INSERT INTO identity."SigningKey" (kid, alg, public_jwk, state, published_at, activated_at)
     VALUES ($1, $2, $3, 'current', now(), now())`,
    [key.kid, key.alg, JSON.stringify(key.publicJwk)],
  );
  await tell(sql, 'signing_key.activated', key.kid);
}

export async function addNextKey(sql: Transaction, key: HeldKey, activation: Activation): Promise<void> {
  await sql.query(
    `INSERT INTO identity."SigningKey" (kid, alg, public_jwk, state, activation) VALUES ($1, $2, $3, 'next', $4)`,
    [key.kid, key.alg, JSON.stringify(key.publicJwk), activation],
  );
  await tell(sql, 'signing_key.added', key.kid);
}

export async function setActivation(sql: Transaction, kid: string, activation: Activation): Promise<void> {
  await sql.query(`UPDATE identity."SigningKey" SET activation = $2 WHERE kid = $1 AND state = 'next'`, [
    kid,
    activation,
  ]);
}

/** The lead time begins when every live replica shows the next key. */
export async function notePublished(sql: Transaction): Promise<void> {
  await sql.query(
    `UPDATE identity."SigningKey" AS key SET published_at = now()
     WHERE state = 'next' AND published_at IS NULL AND ${HELD} AND NOT ${LACKED}`,
  );
}

/** Lets the next key sign when it is due and no live replica lacks it. @returns its kid, if it signs from now on */
export async function activateNext(
  sql: Transaction,
  { leadS }: Pick<KeyTimes, 'leadS'>,
  options: { despiteLaggards?: boolean } = {},
): Promise<string | undefined> {
  const [due] = await sql.query<{ kid: string }>(
    `SELECT kid FROM identity."SigningKey" AS key
     WHERE state = 'next' AND ($2 OR NOT ${LACKED})
       AND (activation = 'at_once' OR published_at <= now() - make_interval(secs => $1))
       AND (activation <> 'after_consumers' OR NOT ${CONSUMER_LACKS})`,
    [leadS, options.despiteLaggards === true],
  );
  if (!due) return undefined;
  // Two statements, since an index that allows one current key is checked row by row.
  await sql.query(
    `UPDATE identity."SigningKey" SET state = 'previous', superseded_at = now(),
       last_token_expires_by = now() + make_interval(secs => $1) WHERE state = 'current'`,
    [LAST_TOKEN_S],
  );
  await sql.query(
    `UPDATE identity."SigningKey" SET state = 'current', activated_at = now(), published_at = coalesce(published_at, now())
     WHERE kid = $1`,
    [due.kid],
  );
  await tell(sql, 'signing_key.activated', due.kid);
  return due.kid;
}

/** Takes out of the set what nothing valid is signed by any more, and whose overlap is over. */
export async function retirePrevious(sql: Transaction, { overlapDays }: Pick<KeyTimes, 'overlapDays'>) {
  const retired = await sql.query<{ kid: string }>(
    `UPDATE identity."SigningKey" SET state = 'retired', retired_at = now()
     WHERE state = 'previous' AND last_token_expires_by <= now()
       AND superseded_at <= now() - make_interval(days => $1) RETURNING kid`,
    [overlapDays],
  );
  for (const { kid } of retired) await tell(sql, 'signing_key.retired', kid);
}

/** Takes one key out of the set that is not the current one. @returns false when there is no such key */
export async function retireKey(sql: Transaction, kid: string): Promise<boolean> {
  const retired = await sql.query(
    `UPDATE identity."SigningKey" SET state = 'retired', retired_at = now()
     WHERE kid = $1 AND state IN ('next', 'previous') RETURNING kid`,
    [kid],
  );
  if (retired.length > 0) await tell(sql, 'signing_key.retired', kid);
  return retired.length > 0;
}

/** Takes a leaked key out of the set and names it revoked, for ever; done once, it stays as it is. */
export async function revokeKey(sql: Transaction, kid: string): Promise<void> {
  const revoked = await sql.query(
    `UPDATE identity."SigningKey" SET state = 'retired', retired_at = coalesce(retired_at, now()), revoked_at = now()
     WHERE kid = $1 AND state <> 'current' AND revoked_at IS NULL RETURNING kid`,
    [kid],
  );
  if (revoked.length > 0) await tell(sql, 'signing_key.revoked', kid);
}

const tell = (sql: Sql, action: AuditAction, kid: string) =>
  recordImpersonal(sql, {
    actor: { type: 'system', id: 'keys' },
    action,
    subject: { type: 'signing_key', id: kid },
  });
