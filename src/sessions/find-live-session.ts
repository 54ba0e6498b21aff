import type { Sql } from '../database/database.js';
import type { LiveSession } from './auth-session.js';
import { LIVE_SESSION, type LiveSessionRow, toLiveSession } from './session-columns.js';

/** A session as it stands, with a fresh snapshot; undefined when it has ended or its person was suspended. */
export async function findLiveSession(sql: Sql, sessionId: string): Promise<LiveSession | undefined> {
  const [row] = await sql.query<LiveSessionRow>(
    `SELECT ${LIVE_SESSION} FROM identity."AuthSession" AS session
     WHERE session.id = $1 AND session.ended_at IS NULL AND session.expires_at > now()
       AND EXISTS (SELECT FROM identity."User" WHERE id = session.user_id AND status = 'ACTIVE')`,
    [sessionId],
  );
  return row && toLiveSession(row);
}
