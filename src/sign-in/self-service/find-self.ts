import type { Sql } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import { sessionErrors } from '../../sessions/index.js';

export interface Self {
  keycloakId: string;
  username: string;
}

export type FindSelf = typeof findSelf;

/** @throws Problem `session.ended` (401) for a person who is gone since their token was checked */
export async function findSelf(sql: Sql, userId: string): Promise<Self> {
  const [self] = await sql.query<Self>(
    'SELECT keycloak_id AS "keycloakId", username FROM identity."User" WHERE id = $1',
    [userId],
  );
  if (!self) throw new Problem(sessionErrors.ended);
  return self;
}
