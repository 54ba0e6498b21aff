import type { Database } from '../../database/database.js';
import { Problem } from '../../errors/problem.js';
import type { Visitor } from '../../http/route.js';
import { type Challenge, otpErrors } from '../../otp/index.js';
import type { FindAccount } from '../../people/index.js';
import type { ChangeIdentifier } from './change-identifier.js';

/** The one person whose unproven address this is: an address that two people claim proves nothing about either. */
export const findUnproven: FindAccount = async (sql, { value }) => {
  const found = await sql.query<{ userId: string; keycloakId: string }>(
    `SELECT id AS "userId", keycloak_id AS "keycloakId" FROM identity."User"
     WHERE email = $1 AND NOT email_verified AND status = 'ACTIVE' LIMIT 2`,
    [value],
  );
  return found.length === 1 ? found[0] : undefined;
};

export type ProveEmail = (challenge: Challenge, visitor: Visitor) => Promise<void>;

/** A verify-email code: the address that an account already names becomes its proven one. @throws Problem `otp.invalid` */
export function createProveEmail(options: { database: Database; change: ChangeIdentifier }): ProveEmail {
  const { database, change } = options;
  return async (challenge, visitor) => {
    const account = await findUnproven(database, { scheme: 'email', value: challenge.identifier });
    if (!account) throw new Problem(otpErrors.invalid);
    await change(account.userId, challenge, visitor);
  };
}
