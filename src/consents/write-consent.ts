import type { Audit } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import { Problem } from '../errors/problem.js';
import { requestErrors } from '../errors/request-errors.js';
import type { Visitor } from '../http/route.js';
import type { Consent, NewConsent } from './consent.js';
import { findStanding, insertConsent, takeTurn, withdrawConsents } from './consent-store.js';

export interface WriteConsent {
  /** `isNew` false: they had agreed to this version, and that stands as it was. */
  give(userId: string, consent: NewConsent, visitor: Visitor): Promise<{ consent: Consent; isNew: boolean }>;
  /** @throws Problem `request.not_found` (404) when nothing of this purpose stands */
  withdraw(userId: string, purpose: string, visitor: Visitor): Promise<void>;
}

/** The trail has, in the same transaction and sealed, from where (X2). */
export function createWriteConsent(options: {
  database: Database;
  audit: Pick<Audit, 'record'>;
  nextId: NextId;
}): WriteConsent {
  const { database, audit, nextId } = options;
  return {
    give: (userId, consent, visitor) =>
      database.transaction(async (sql) => {
        await takeTurn(sql, userId);
        const given = await insertConsent(sql, nextId(), userId, consent);
        if (!given) return { consent: (await findStanding(sql, userId, consent)) as Consent, isNew: false };
        const actor = { type: 'user', id: userId } as const;
        await audit.record(sql, {
          actor,
          action: 'consent.given',
          subject: actor,
          after: { ...consent },
          visitor,
        });
        return { consent: given, isNew: true };
      }),
    withdraw: (userId, purpose, visitor) =>
      database.transaction(async (sql) => {
        await takeTurn(sql, userId);
        const withdrawn = await withdrawConsents(sql, userId, purpose);
        if (withdrawn.length === 0) throw new Problem(requestErrors.not_found);
        const actor = { type: 'user', id: userId } as const;
        const after = { purpose, textVersions: withdrawn.map(({ textVersion }) => textVersion) };
        await audit.record(sql, { actor, action: 'consent.withdrawn', subject: actor, after, visitor });
      }),
  };
}
