import type { Audit } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { Visitor } from '../http/route.js';
import type { EnsurePerson } from './ensure-person.js';
import { holdIdentifiers } from './hold-identifiers.js';
import type { Profile } from './person.js';
import { releaseDormant } from './release-dormant.js';
import { reserveIdentifier } from './reserve-identifier.js';

export interface PhoneClaim {
  keycloakId: string;
  /** As Keycloak knows the person before the number is theirs. */
  profile: Profile;
  /** E.164, proven by a code a moment ago. */
  phone: string;
  visitor: Visitor;
}

/** False: somebody else holds the number. */
export type ClaimPhone = (claim: PhoneClaim) => Promise<boolean>;

/**
 * Gives a person the number that they have proven, before Keycloak is written (D3): one person a number; an account that
 * has been silent for long yields it (0015). Should Keycloak's write fail, the row says another number than Keycloak, so
 * the person's next arrival gives this one back.
 */
export function createClaimPhone(options: {
  database: Database;
  people: Pick<EnsurePerson, 'arrive'>;
  audit: Pick<Audit, 'record'>;
  dormantDays: number;
}): ClaimPhone {
  const { database, people, audit, dormantDays } = options;
  return async ({ keycloakId, profile, phone, visitor }) => {
    const { person } = await people.arrive(keycloakId, profile, visitor);
    return database.transaction(async (sql) => {
      await releaseDormant(sql, phone, dormantDays);
      if (!(await reserveIdentifier(sql, person.id, { scheme: 'phone', value: phone }))) return false;
      const changed = await sql.query(
        `UPDATE identity."User" SET phone = $2, phone_verified = true, modified_at = now()
         WHERE id = $1 AND (phone, phone_verified) IS DISTINCT FROM ($2, true) RETURNING id`,
        [person.id, phone],
      );
      if (changed.length === 0) return true;
      await holdIdentifiers(sql, person.id);
      const who = { type: 'user', id: person.id } as const;
      await audit.record(sql, {
        actor: who,
        action: 'user.updated',
        subject: who,
        after: { changed: ['phone', 'phoneVerified'] },
        personal: { 'before.phone': person.phone, 'after.phone': phone },
        visitor,
      });
      return true;
    });
  };
}
