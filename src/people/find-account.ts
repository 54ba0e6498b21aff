import type { Sql } from '../database/database.js';
import type { Identifier } from './identifier.js';
import { IS_DORMANT } from './release-dormant.js';

/** Whoever has proven an identifier, as far as a sign-in by it is concerned. */
export interface Account {
  userId: string;
  keycloakId: string;
}

/** Undefined for an identifier that nobody has proven, and for one that no longer tells its owner. */
export type FindAccount = (sql: Sql, identifier: Identifier) => Promise<Account | undefined>;

/**
 * Operators give numbers that nobody pays for to somebody else. So a number alone does not open an account that has
 * another proven identifier and has been silent for `dormantDays`: its owner signs in by the other one and is known again.
 * @param dormantDays 0: a number never goes stale
 */
export function createFindAccount({ dormantDays }: { dormantDays: number }): FindAccount {
  return async (sql, { scheme, value }) => {
    const [account] = await sql.query<Account>(FIND, [scheme, value, dormantDays]);
    return account;
  };
}

const FIND = `
  SELECT person.id AS "userId", person.keycloak_id AS "keycloakId"
  FROM identity."Identifier" AS held JOIN identity."User" AS person ON person.id = held.user_id
  WHERE held.scheme = $1 AND held.value = $2 AND person.status = 'ACTIVE' AND NOT ${IS_DORMANT}`;
