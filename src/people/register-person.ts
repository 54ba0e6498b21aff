import type { Audit } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Visitor } from '../http/route.js';
import type { Identifier } from './identifier.js';
import { reserveIdentifier } from './reserve-identifier.js';

export interface NewPerson {
  keycloakId: string;
  username: string;
  displayName: string;
  /** Proven a moment ago. */
  identifier: Identifier;
}

export interface RegisterPerson {
  /** The row of a person whom Keycloak will know of in a moment. @throws IdentifierTaken */
  register(sql: Sql, person: NewPerson, visitor: Visitor): Promise<string>;
  /** Undoes that for a person who never got as far as a session. */
  unregister(sql: Sql, keycloakId: string): Promise<void>;
}

/** Somebody else proved it first. */
export class IdentifierTaken extends Error {}

/** @param onFirstArrival as for a person who arrives by Keycloak's pages */
export function createRegisterPerson(options: {
  nextId: NextId;
  onFirstArrival: (sql: Sql, userId: string, visitor: Visitor) => Promise<void>;
  audit: Pick<Audit, 'record'>;
}): RegisterPerson {
  const { nextId, onFirstArrival, audit } = options;
  return {
    async register(sql, { keycloakId, username, displayName, identifier }, visitor) {
      const id = nextId();
      const { scheme, value } = identifier;
      await sql.query(INSERT, [id, keycloakId, username, displayName || username, scheme, value]);
      if (!(await reserveIdentifier(sql, id, identifier)))
        throw new IdentifierTaken(`this ${scheme} is held by somebody else`);
      const who = { type: 'user', id } as const;
      const personal = { username, displayName, [scheme]: value };
      await audit.record(sql, {
        actor: who,
        action: 'user.created',
        subject: who,
        after: { keycloakId },
        personal,
        visitor,
      });
      await onFirstArrival(sql, id, visitor);
      return id;
    },
    unregister: unregisterPerson,
  };
}

/** @see RegisterPerson.unregister */
export const unregisterPerson: RegisterPerson['unregister'] = async (sql, keycloakId) => {
  await sql.query('SELECT identity.forget_newcomer($1)', [keycloakId]);
};

const INSERT = `
  INSERT INTO identity."User" (id, keycloak_id, username, display_name, email, email_verified, phone, phone_verified)
  VALUES ($1, $2, $3, $4, CASE WHEN $5 = 'email' THEN $6 END, $5 = 'email', CASE WHEN $5 = 'phone' THEN $6 END, $5 = 'phone')`;
