import type { Sql } from '../database/database.js';
import { tellEnded } from './session-ended.js';

/**
 * A session whose one-time code ran out unredeemed, and that no refresh has shown to be in use (an app of our own site
 * has the cookie before the code): nobody holds it. It ends, and Keycloak is told; but where another session stands on
 * the same Keycloak session, that one must go on, so this one is forgotten instead. FOR UPDATE waits for whoever
 * is redeeming the code at this moment.
 */
export async function endUnredeemed(database: Sql): Promise<void> {
  await database.query(END_UNREDEEMED);
}

const END_UNREDEEMED = `
  WITH unredeemed AS (
    SELECT session.id, session.keycloak_sid
    FROM identity."AuthorizationCode" AS code JOIN identity."AuthSession" AS session ON session.id = code.session_id
    WHERE code.used_at IS NULL AND code.expires_at < now()
      AND session.ended_at IS NULL AND session.refresh_generation = 0
    FOR UPDATE),
  forgotten AS (
    SELECT id FROM unredeemed WHERE EXISTS (
      SELECT FROM identity."AuthSession" AS other
      WHERE other.keycloak_sid = unredeemed.keycloak_sid AND other.ended_at IS NULL AND other.expires_at > now()
        AND other.id NOT IN (SELECT id FROM unredeemed))),
  forgotten_codes AS (
    DELETE FROM identity."AuthorizationCode" WHERE session_id IN (SELECT id FROM forgotten)),
  forgotten_sessions AS (
    DELETE FROM identity."AuthSession" WHERE id IN (SELECT id FROM forgotten)),
  ended AS (
    UPDATE identity."AuthSession" SET ended_at = now(), end_reason = 'code_unredeemed'
    WHERE id IN (SELECT id FROM unredeemed) AND id NOT IN (SELECT id FROM forgotten)
    RETURNING id, user_id)
  ${tellEnded('worker', 'code_unredeemed')}`;
