import type { Audit } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Visitor } from '../http/route.js';
import { holdIdentifiers } from './hold-identifiers.js';
import { PERSON_AS_JSON, type Person, type Profile, profileValues } from './person.js';
import { createUpdateProfile } from './update-profile.js';

export interface EnsuredPerson {
  person: Person;
  /** False for a person whom the platform suspended: they get no token. */
  active: boolean;
}

export interface EnsurePerson {
  /** Copies what Keycloak said to the person's row, which is made on their first arrival (S4). */
  arrive(keycloakId: string, profile: Profile, visitor: Visitor): Promise<EnsuredPerson>;
  /** The person as last seen, or undefined when they never arrived. */
  find(keycloakId: string): Promise<EnsuredPerson | undefined>;
}

interface Row {
  person: Person;
  status: string;
}

/**
 * @param onFirstArrival runs in the transaction that makes the row: whoever sees the person sees its effects,
 *   also when two requests race (the loser waits for the winner's commit and then finds the row)
 */
export function createEnsurePerson(options: {
  database: Database;
  nextId: NextId;
  onFirstArrival: (sql: Sql, userId: string, visitor: Visitor) => Promise<void>;
  audit: Pick<Audit, 'record'>;
}): EnsurePerson {
  const { database, nextId, onFirstArrival, audit } = options;
  const updateProfile = createUpdateProfile(audit);

  /** The usual visit, in one statement: a person who is as Keycloak describes them. */
  async function welcome(keycloakId: string, profile: Profile): Promise<EnsuredPerson | undefined> {
    const [row] = await database.query<Row>(
      `UPDATE identity."User" AS person SET last_login_at = now()
       WHERE keycloak_id = $1 AND (username, display_name, email, email_verified, phone, phone_verified)
         IS NOT DISTINCT FROM ($2, $3, $4, $5::boolean, $6, $7::boolean)
       RETURNING ${PERSON_AS_JSON} AS person, status`,
      [keycloakId, ...profileValues(profile)],
    );
    return row && toEnsured(row);
  }

  async function find(keycloakId: string): Promise<EnsuredPerson | undefined> {
    const [row] = await database.query<Row>(
      `SELECT ${PERSON_AS_JSON} AS person, status FROM identity."User" AS person WHERE keycloak_id = $1`,
      [keycloakId],
    );
    return row && toEnsured(row);
  }

  return {
    find,
    async arrive(keycloakId, profile, visitor) {
      const known = await welcome(keycloakId, profile);
      if (known) return known;
      await database.transaction(async (sql) => {
        const [made] = await sql.query<{ id: string }>(
          `INSERT INTO identity."User"
             (id, keycloak_id, username, display_name, email, email_verified, phone, phone_verified, last_login_at)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now()) ON CONFLICT (keycloak_id) DO NOTHING RETURNING id`,
          [nextId(), keycloakId, ...profileValues(profile)],
        );
        if (!made) {
          await updateProfile(sql, keycloakId, profile, visitor);
          await sql.query('UPDATE identity."User" SET last_login_at = now() WHERE keycloak_id = $1', [
            keycloakId,
          ]);
          return;
        }
        await holdIdentifiers(sql, made.id);
        const who = { type: 'user', id: made.id } as const;
        const { username, displayName, email, phone } = profile;
        const personal = { username, displayName, email, phone };
        await audit.record(sql, {
          actor: who,
          action: 'user.created',
          subject: who,
          after: { keycloakId },
          personal,
          visitor,
        });
        await onFirstArrival(sql, made.id, visitor);
      });
      const arrived = await find(keycloakId);
      if (!arrived) throw new Error('a person vanished between two statements');
      return arrived;
    },
  };
}

const toEnsured = ({ person, status }: Row): EnsuredPerson => ({ person, active: status === 'ACTIVE' });
