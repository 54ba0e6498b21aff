import { type Audit, KEYCLOAK } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import { holdIdentifiers } from './hold-identifiers.js';
import { type Profile, profileValues } from './person.js';

/** Locks the row: what is recorded as having been there is what is replaced. */
const CURRENT = `
  SELECT id, jsonb_build_object('username', username, 'displayName', display_name, 'email', email,
    'emailVerified', email_verified, 'phone', phone, 'phoneVerified', phone_verified) AS profile
  FROM identity."User" WHERE keycloak_id = $1 FOR UPDATE`;

/**
 * Copies what was changed in Keycloak, by whomever, since our row was last brought up to date, and writes down what:
 * names of the fields in clear, values before and after sealed. In the caller's transaction.
 */
export type UpdateProfile = (
  sql: Sql,
  keycloakId: string,
  profile: Profile,
  visitor: Visitor,
) => Promise<void>;

export function createUpdateProfile(audit: Pick<Audit, 'record'>): UpdateProfile {
  return async (sql, keycloakId, profile, visitor) => {
    const [current] = await sql.query<{ id: string; profile: Profile }>(CURRENT, [keycloakId]);
    if (!current) return;
    const fields = Object.keys(current.profile) as (keyof Profile)[];
    const changed = fields.filter((field) => current.profile[field] !== profile[field]);
    if (changed.length === 0) return; // somebody else brought the row up to date meanwhile
    await sql.query(
      `UPDATE identity."User" SET username = $2, display_name = $3, email = $4, email_verified = $5,
         phone = $6, phone_verified = $7, modified_at = now() WHERE keycloak_id = $1`,
      [keycloakId, ...profileValues(profile)],
    );
    await holdIdentifiers(sql, current.id);
    await audit.record(sql, {
      actor: KEYCLOAK,
      action: 'user.updated',
      subject: { type: 'user', id: current.id },
      after: { changed },
      personal: { ...labelled('before', current.profile, changed), ...labelled('after', profile, changed) },
      visitor,
    });
  };
}

const labelled = (label: string, profile: Profile, fields: readonly (keyof Profile)[]) =>
  Object.fromEntries(fields.map((field) => [`${label}.${field}`, textOf(profile[field])]));

const textOf = (value: string | boolean | null): string | null => (value === null ? null : String(value));
