import type { Audit } from '../audit/index.js';
import type { Database, Sql } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Visitor } from '../http/route.js';
import { PERSON_AS_JSON, type Person, type Profile } from './person.js';

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

  async function update(keycloakId: string, profile: Profile): Promise<EnsuredPerson | undefined> {
    const [row] = await database.query<Row>(
      `UPDATE identity."User" AS person SET username = $2, display_name = $3, email = $4, email_verified = $5,
         phone = $6, phone_verified = $7, last_login_at = now(), modified_at = now()
       WHERE keycloak_id = $1 RETURNING ${PERSON_AS_JSON} AS person, status`,
      [keycloakId, ...columns(profile)],
    );
    return row && toEnsured(row);
  }

  return {
    async arrive(keycloakId, profile, visitor) {
      const known = await update(keycloakId, profile);
      if (known) return known;
      await database.transaction(async (sql) => {
        const [made] = await sql.query<{ id: string }>(
          `INSERT INTO identity."User"
             (id, keycloak_id, username, display_name, email, email_verified, phone, phone_verified)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (keycloak_id) DO NOTHING RETURNING id`,
          [nextId(), keycloakId, ...columns(profile)],
        );
        if (!made) return;
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
      const arrived = await update(keycloakId, profile);
      if (!arrived) throw new Error('a person vanished between two statements');
      return arrived;
    },
    async find(keycloakId) {
      const [row] = await database.query<Row>(
        `SELECT ${PERSON_AS_JSON} AS person, status FROM identity."User" AS person WHERE keycloak_id = $1`,
        [keycloakId],
      );
      return row && toEnsured(row);
    },
  };
}

function columns(profile: Profile): unknown[] {
  const { username, displayName, email, emailVerified, phone, phoneVerified } = profile;
  return [username, displayName, email, emailVerified, phone, phoneVerified];
}

const toEnsured = ({ person, status }: Row): EnsuredPerson => ({ person, active: status === 'ACTIVE' });
