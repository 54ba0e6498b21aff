import type { Database } from '../database/database.js';
import type { SealedText } from '../database/sealed-text.js';
import type { LiveSession, NewSession } from './auth-session.js';
import { LIVE_SESSION, type LiveSessionRow, toLiveSession } from './session-columns.js';

export type OpenSession = (session: NewSession) => Promise<LiveSession | undefined>;

/** Where a sealed Keycloak refresh token belongs: it opens nowhere else. */
export const sealContext = (keycloakSid: string): string =>
  `identity.AuthSession/${keycloakSid}/keycloak_refresh_token`;

/**
 * Opens the session of a Keycloak `sid`, or joins the one that is open: there is one row per `sid` (D4).
 * Undefined when that session has already ended or run out here, or belongs to somebody else.
 * @param absoluteTtlS seconds a session lives at most, whatever its use (S8)
 */
export function createOpenSession(options: {
  database: Database;
  sealed: SealedText;
  absoluteTtlS: number;
}): OpenSession {
  const { database, sealed, absoluteTtlS } = options;
  return async (session) => {
    const token = session.keycloakRefreshToken;
    const [row] = await database.query<LiveSessionRow>(
      `INSERT INTO identity."AuthSession" AS session
         (id, keycloak_sid, user_id, client_id, origin, address, agent, amr, acr, auth_time,
          keycloak_refresh_token, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10), $11, now() + make_interval(secs => $12))
       ON CONFLICT (keycloak_sid) DO UPDATE SET keycloak_checked_at = now()
         WHERE session.user_id = excluded.user_id AND session.ended_at IS NULL AND session.expires_at > now()
       RETURNING ${LIVE_SESSION}`,
      [
        session.id,
        session.keycloakSid,
        session.userId,
        session.clientId,
        session.origin,
        session.address,
        session.agent.slice(0, 512),
        session.amr,
        session.acr,
        session.authTime,
        token === null ? null : sealed.seal(token, sealContext(session.keycloakSid)),
        absoluteTtlS,
      ],
    );
    return row && toLiveSession(row);
  };
}
