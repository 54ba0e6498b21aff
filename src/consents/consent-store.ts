import type { Sql } from '../database/database.js';
import { type Page, type PageQuery, toPage } from '../http/page.js';
import type { Consent, NewConsent } from './consent.js';

const COLUMNS = `id, purpose, text_version AS "textVersion", channel, client_id AS "clientId",
  to_jsonb(given_at) #>> '{}' AS "givenAt", to_jsonb(withdrawn_at) #>> '{}' AS "withdrawnAt"`;

/** A person's own, the newest first; a cursor is the id of the last one seen. */
export async function listConsents(
  sql: Sql,
  userId: string,
  { limit, cursor }: PageQuery,
): Promise<Page<Consent>> {
  const items = await sql.query<Consent>(
    `SELECT ${COLUMNS} FROM identity."Consent"
     WHERE user_id = $1 AND ($2::text IS NULL OR (given_at, id) <
       (SELECT last.given_at, last.id FROM identity."Consent" AS last WHERE last.id = $2 AND last.user_id = $1))
     ORDER BY given_at DESC, id DESC LIMIT $3`,
    [userId, cursor, limit + 1],
  );
  return toPage(items, limit);
}

/** Undefined: they have agreed to this version already, and it stands. */
export async function insertConsent(
  sql: Sql,
  id: string,
  userId: string,
  { purpose, textVersion, channel, clientId }: NewConsent,
): Promise<Consent | undefined> {
  const [given] = await sql.query<Consent>(
    `INSERT INTO identity."Consent" (id, user_id, purpose, text_version, channel, client_id)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (user_id, purpose, text_version) WHERE withdrawn_at IS NULL DO NOTHING RETURNING ${COLUMNS}`,
    [id, userId, purpose, textVersion, channel, clientId],
  );
  return given;
}

export async function findStanding(
  sql: Sql,
  userId: string,
  { purpose, textVersion }: Pick<NewConsent, 'purpose' | 'textVersion'>,
): Promise<Consent | undefined> {
  const [standing] = await sql.query<Consent>(
    `SELECT ${COLUMNS} FROM identity."Consent"
     WHERE user_id = $1 AND purpose = $2 AND text_version = $3 AND withdrawn_at IS NULL`,
    [userId, purpose, textVersion],
  );
  return standing;
}

/** Every version of a purpose that stands. Answers which. */
export function withdrawConsents(
  sql: Sql,
  userId: string,
  purpose: string,
): Promise<{ textVersion: string }[]> {
  return sql.query(
    `UPDATE identity."Consent" SET withdrawn_at = now()
     WHERE user_id = $1 AND purpose = $2 AND withdrawn_at IS NULL RETURNING text_version AS "textVersion"`,
    [userId, purpose],
  );
}

/** A person's consents are written one after the other. */
export async function takeTurn(sql: Sql, userId: string): Promise<void> {
  await sql.query('SELECT FROM identity."User" WHERE id = $1 FOR NO KEY UPDATE', [userId]);
}
