import type { Database } from '../database/database.js';
import { PERSON_AS_JSON, type Person } from '../people/index.js';

export type FindCaller = (sessionId: string, userId: string) => Promise<Person | undefined>;

/** The person behind a session that is still open, or undefined: this service refuses an ended session at once. */
export function createFindCaller(database: Database): FindCaller {
  return async (sessionId, userId) => {
    const [row] = await database.query<{ person: Person }>(
      `SELECT ${PERSON_AS_JSON} AS person
       FROM identity."AuthSession" AS session JOIN identity."User" AS person ON person.id = session.user_id
       WHERE session.id = $1 AND session.user_id = $2 AND session.ended_at IS NULL AND session.expires_at > now()
         AND person.status = 'ACTIVE'`,
      [sessionId, userId],
    );
    return row?.person;
  };
}
