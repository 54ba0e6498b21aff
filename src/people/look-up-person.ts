import type { Sql } from '../database/database.js';
import { type Identifier, normalizeIdentifier } from './identifier.js';
import { PERSON_AS_JSON, type Person } from './person.js';

/** A person with what only operators are shown. Times in ISO 8601. */
export interface KnownPerson extends Person {
  keycloakId: string;
  username: string;
  /** `ACTIVE`, `SUSPENDED`, `DISABLED` or `DELETED`. */
  status: string;
  createdAt: string;
  lastLoginAt: string | null;
}

/**
 * Somebody by id, by what they have proven, or by username, whatever their status and however long they were silent:
 * for operators, never for a sign-in.
 */
export async function lookUpPerson(
  sql: Sql,
  wanted: { id: string; identifier: Identifier },
): Promise<KnownPerson | undefined> {
  const { scheme, value } = normalizeIdentifier(wanted.identifier);
  const [row] = await sql.query<{ person: KnownPerson }>(LOOK_UP, [wanted.id, scheme, value]);
  return row?.person;
}

const LOOK_UP = `
  SELECT ${PERSON_AS_JSON} || jsonb_build_object('keycloakId', keycloak_id, 'username', username, 'status', status,
    'createdAt', created_at, 'lastLoginAt', last_login_at) AS person
  FROM identity."User" AS person
  WHERE id = $1 OR ($2 = 'username' AND username = $3)
    OR id = (SELECT user_id FROM identity."Identifier" WHERE scheme = $2 AND value = $3)
  ORDER BY id = $1 DESC LIMIT 1`;
