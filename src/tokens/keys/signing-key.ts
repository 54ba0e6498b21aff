import type { JWK } from 'jose';
import type { Sql } from '../../database/database.js';

/** `next` is published and signs nothing yet; `previous` has signed and still verifies; `retired` is for ever (T5). */
export type KeyState = 'next' | 'current' | 'previous' | 'retired';

/** When a next key begins to sign: never before every live replica has loaded it. */
export type Activation = 'after_lead' | 'after_consumers' | 'at_once';

/** A row of `SigningKey`; times are the database's. */
export interface SigningKey {
  kid: string;
  alg: 'ES256' | 'RS256';
  publicJwk: JWK;
  state: KeyState;
  activation: Activation;
  createdAt: Date;
  /** When every live replica had it in `/jw-certs`: the lead time counts from here. */
  publishedAt: Date | null;
  activatedAt: Date | null;
  supersededAt: Date | null;
  /** Whatever it signed has run out by then. */
  lastTokenExpiresBy: Date | null;
  retiredAt: Date | null;
  /** Retired because somebody else may hold it. */
  revokedAt: Date | null;
}

/** Days and seconds of the turning of keys; 0 days between rotations: by hand alone. */
export interface KeyTimes {
  leadS: number;
  overlapDays: number;
  rotationDays: number;
}

/** Every key that ever was, the newest first: a few a year. */
export function readSigningKeys(sql: Sql): Promise<SigningKey[]> {
  return sql.query<SigningKey>(`
    SELECT kid, alg, public_jwk AS "publicJwk", state, activation, created_at AS "createdAt",
      published_at AS "publishedAt", activated_at AS "activatedAt", superseded_at AS "supersededAt",
      last_token_expires_by AS "lastTokenExpiresBy", retired_at AS "retiredAt", revoked_at AS "revokedAt"
    FROM identity."SigningKey" ORDER BY created_at DESC, kid`);
}

/** Any number that nothing else in this database locks: keys change their state one at a time. */
const KEYS_LOCK = 7_261_003;

/** Waits for whoever is changing keys; the lock ends with the transaction, or with its process. */
export async function lockKeys(sql: Sql): Promise<void> {
  await sql.query('SELECT pg_advisory_xact_lock($1)', [KEYS_LOCK]);
}

/** @returns false when somebody else is changing keys */
export async function tryLockKeys(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [
    KEYS_LOCK,
  ]);
  return row?.locked === true;
}
