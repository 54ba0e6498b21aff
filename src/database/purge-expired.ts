import type { Sql } from './database.js';

/** What the tables' own comments promise as retention: a used code is recognised for an hour after its life. */
const EXPIRED = [
  `DELETE FROM identity."KeycloakEvent" WHERE handled_at < now() - interval '1 day'`,
  `DELETE FROM identity."Spent" WHERE expires_at < now()`,
  `DELETE FROM identity."AuthorizationCode" WHERE expires_at < now() - interval '1 hour'`,
  // LEAST as in the index: when it ended, or else when it ran out. What Keycloak still has to hear stays.
  `DELETE FROM identity."AuthSession" WHERE LEAST(ended_at, expires_at) < now() - interval '30 days'
     AND (ended_at IS NULL OR keycloak_ended_at IS NOT NULL)`,
  `DELETE FROM identity."Device" WHERE last_used_at < now() - interval '90 days'`,
  `DELETE FROM identity."Replica" WHERE seen_at < now() - interval '1 hour'`,
  `DELETE FROM identity."KeyConsumer" WHERE seen_at < now() - interval '7 days'`,
  `DELETE FROM identity."SignInPlace" WHERE last_seen_at < now() - interval '90 days'`,
  `DELETE FROM identity."ImportedUser" WHERE done_at < now() - interval '30 days'`,
  'SELECT identity.forget_customers()',
  'SELECT identity.forget_invitations()',
];

/** Deletes the rows that nothing will ask for again (D7, X3); harmless when several workers do it at once. */
export async function purgeExpired(database: Sql): Promise<void> {
  for (const statement of EXPIRED) await database.query(statement);
}
