import { type Audit, KEYCLOAK } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import type { KeycloakAccounts } from '../keycloak-gateway/index.js';
import { type Profile, reserveIdentifier } from '../people/index.js';

/**
 * What becomes of the number that Keycloak says somebody has: one that counts as proven and that somebody else holds is
 * put back there, and that is written down (D3). Keycloak itself takes E.164 alone.
 * @returns the profile as it is to be kept here
 */
export type SettlePhone = (
  sql: Sql,
  person: { userId: string; keycloakId: string },
  profile: Profile,
  visitor: Visitor,
) => Promise<Profile>;

export function createSettlePhone(options: {
  accounts: Pick<KeycloakAccounts, 'putPhone'>;
  audit: Pick<Audit, 'record'>;
}): SettlePhone {
  const { accounts, audit } = options;
  return async (sql, { userId, keycloakId }, profile, visitor) => {
    const { phone, phoneVerified } = profile;
    if (phone === null || !phoneVerified) return profile;
    if (await reserveIdentifier(sql, userId, { scheme: 'phone', value: phone })) return profile;
    const held = await heldPhone(sql, userId);
    await accounts.putPhone(keycloakId, held === null ? null : { value: held, verified: true });
    await audit.record(sql, {
      actor: KEYCLOAK,
      action: 'user.phone_put_back',
      subject: { type: 'user', id: userId },
      after: { reason: 'taken' },
      personal: { 'asked.phone': phone, 'after.phone': held },
      visitor,
    });
    return { ...profile, phone: held, phoneVerified: held !== null };
  };
}

async function heldPhone(sql: Sql, userId: string): Promise<string | null> {
  const [held] = await sql.query<{ value: string }>(
    `SELECT value FROM identity."Identifier" WHERE user_id = $1 AND scheme = 'phone' LIMIT 1`,
    [userId],
  );
  return held?.value ?? null;
}
