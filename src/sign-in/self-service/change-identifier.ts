import type { Audit } from '../../audit/index.js';
import type { Database } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Visitor } from '../../http/route.js';
import type { KeycloakAccounts } from '../../keycloak-gateway/index.js';
import { type Challenge, otpErrors } from '../../otp/index.js';
import { endDevices, type Identifier, releaseDormant, reserveIdentifier } from '../../people/index.js';
import { provenIdentifier } from '../otp/sign-in-by-challenge.js';
import type { FindSelf } from './find-self.js';
import type { Notify } from './notify.js';

export type ChangeIdentifier = (userId: string, challenge: Challenge, visitor: Visitor) => Promise<void>;

/**
 * The right code puts the proven address or number in place of the old one: reserved here, where it is unique, then
 * written to Keycloak, then made ours; the old one is told. What is broken off in between holds nothing that anybody
 * could sign in with, and may be done again.
 * @throws Problem `otp.invalid` (401) when somebody else holds it, `keycloak.unavailable` (503)
 */
export function createChangeIdentifier(options: {
  database: Database;
  findSelf: FindSelf;
  accounts: Pick<KeycloakAccounts, 'attach' | 'takeFromOthers'>;
  audit: Pick<Audit, 'record'>;
  notify: Notify;
  dormantDays: number;
}): ChangeIdentifier {
  const { database, findSelf, accounts, audit, notify, dormantDays } = options;

  const reserve = (identifier: Identifier, userId: string) =>
    database.transaction(async (sql) => {
      if (identifier.scheme === 'phone') await releaseDormant(sql, identifier.value, dormantDays);
      return reserveIdentifier(sql, userId, identifier);
    });

  const letGo = ({ scheme, value }: Identifier, userId: string) =>
    database.query('DELETE FROM identity."Identifier" WHERE scheme = $1 AND value = $2 AND user_id = $3', [
      scheme,
      value,
      userId,
    ]);

  return async (userId, challenge, visitor) => {
    const identifier = provenIdentifier(challenge);
    const { keycloakId } = await findSelf(database, userId);
    if (!(await reserve(identifier, userId))) throw new Problem(otpErrors.invalid);
    const losers = await accounts.takeFromOthers(keycloakId, identifier);
    const outcome = losers === 'taken' ? 'taken' : await accounts.attach(keycloakId, identifier);
    if (outcome !== 'done') {
      await letGo(identifier, userId);
      throw new Problem(otpErrors.invalid);
    }
    await database.transaction(async (sql) => {
      const { scheme, value } = identifier;
      const [old] = await sql.query<{ value: string | null }>(REPLACE[scheme], [userId, value]);
      if (scheme === 'phone') await endDevices(sql, userId);
      const actor = { type: 'user', id: userId } as const;
      const personal = { before: old?.value ?? null, after: value };
      await audit.record(sql, {
        actor,
        action: 'user.identifier_changed',
        subject: actor,
        after: { scheme },
        personal,
        visitor,
      });
      if (!old?.value || old.value === value) return;
      const channel = scheme === 'email' ? 'mail' : 'sms';
      await notify(sql, { userId, event: `${scheme}-changed`, only: { channel, to: old.value } });
    });
  };
}

/** Answers the one that was replaced. */
const replace = (scheme: 'email' | 'phone') => `
  WITH old AS (
    SELECT ${scheme} AS value FROM identity."User" WHERE id = $1 FOR UPDATE
  ), released AS (
    DELETE FROM identity."Identifier" WHERE user_id = $1 AND scheme = '${scheme}' AND value <> $2
  ), changed AS (
    UPDATE identity."User" SET ${scheme} = $2, ${scheme}_verified = true, modified_at = now() WHERE id = $1
  )
  SELECT value FROM old`;

const REPLACE = { email: replace('email'), phone: replace('phone') };
