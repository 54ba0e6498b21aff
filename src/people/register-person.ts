import type { Audit } from '../audit/index.js';
import type { Sql } from '../database/database.js';
import type { NextId } from '../database/snowflake.js';
import type { Visitor } from '../http/route.js';
import type { Identifier } from './identifier.js';
import { type Profile, profileValues } from './person.js';
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
  /** The same for one who comes with more than one identifier, of which some may be unproven. @throws IdentifierTaken */
  registerProfile(sql: Sql, keycloakId: string, profile: Profile, visitor: Visitor): Promise<string>;
  /** Undoes that for a person who never got as far as a session. */
  unregister(sql: Sql, keycloakId: string): Promise<void>;
}

/** Somebody else proved it first. */
export class IdentifierTaken extends Error {
  constructor(readonly scheme: Identifier['scheme']) {
    super(`this ${scheme} is held by somebody else`);
  }
}

/** @param onFirstArrival as for a person who arrives by Keycloak's pages */
export function createRegisterPerson(options: {
  nextId: NextId;
  onFirstArrival: (sql: Sql, userId: string, visitor: Visitor) => Promise<void>;
  audit: Pick<Audit, 'record'>;
}): RegisterPerson {
  const { nextId, onFirstArrival, audit } = options;

  const registerProfile: RegisterPerson['registerProfile'] = async (sql, keycloakId, profile, visitor) => {
    const id = nextId();
    await sql.query(INSERT, [id, keycloakId, ...profileValues(profile)]);
    for (const identifier of provenOf(profile)) {
      if (!(await reserveIdentifier(sql, id, identifier))) throw new IdentifierTaken(identifier.scheme);
    }
    const who = { type: 'user', id } as const;
    const { username, displayName, email, phone } = profile;
    await audit.record(sql, {
      actor: who,
      action: 'user.created',
      subject: who,
      after: { keycloakId },
      personal: { username, displayName, ...(email ? { email } : {}), ...(phone ? { phone } : {}) },
      visitor,
    });
    await onFirstArrival(sql, id, visitor);
    return id;
  };

  return {
    registerProfile,
    register(sql, { keycloakId, username, displayName, identifier: { scheme, value } }, visitor) {
      const email = scheme === 'email' ? value : null;
      const phone = scheme === 'phone' ? value : null;
      const names = { username, displayName: displayName || username };
      const proven = { email, emailVerified: email !== null, phone, phoneVerified: phone !== null };
      return registerProfile(sql, keycloakId, { ...names, ...proven }, visitor);
    },
    unregister: unregisterPerson,
  };
}

/** @see RegisterPerson.unregister */
export const unregisterPerson: RegisterPerson['unregister'] = async (sql, keycloakId) => {
  await sql.query('SELECT identity.forget_newcomer($1)', [keycloakId]);
};

function* provenOf({ email, emailVerified, phone, phoneVerified }: Profile): Generator<Identifier> {
  if (email !== null && emailVerified) yield { scheme: 'email', value: email };
  if (phone !== null && phoneVerified) yield { scheme: 'phone', value: phone };
}

const INSERT = `
  INSERT INTO identity."User" (id, keycloak_id, username, display_name, email, email_verified, phone, phone_verified)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`;
