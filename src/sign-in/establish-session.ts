import type { NextId } from '../database/snowflake.js';
import type { Visitor } from '../http/route.js';
import type { KeycloakIdentity } from '../keycloak-gateway/index.js';
import type { EnsurePerson } from '../people/index.js';
import type { Dialect, LiveSession, OpenSession } from '../sessions/index.js';

export interface ProvenVisit {
  identity: KeycloakIdentity;
  /** Keycloak's, of that visit. */
  refreshToken: string;
  clientId: string;
  via: 'password' | 'otp' | 'hosted';
  /** The platform's unless said. */
  dialect?: Dialect;
  visitor: Visitor;
}

/** `suspended`: the platform knows the person and refuses them. `over`: that Keycloak session has ended here. */
export type Established = { kind: 'opened'; session: LiveSession } | { kind: 'suspended' } | { kind: 'over' };
export type EstablishSession = (visit: ProvenVisit) => Promise<Established>;

/** Whoever Keycloak has proven, by whichever door, arrives alike: the row made or brought up to date, a session opened. */
export function createEstablishSession(options: {
  people: EnsurePerson;
  openSession: OpenSession;
  nextId: NextId;
}): EstablishSession {
  const { people, openSession, nextId } = options;
  return async ({ identity, refreshToken, clientId, via, dialect = 'platform', visitor }) => {
    const { keycloakId, profile, sid, amr, acr, authTime } = identity;
    const { person, active } = await people.arrive(keycloakId, profile, visitor);
    if (!active) return { kind: 'suspended' };
    const session = await openSession({
      id: nextId(),
      keycloakSid: sid,
      userId: person.id,
      clientId,
      origin: 'sign_in',
      via,
      dialect,
      visitor,
      amr,
      acr,
      authTime,
      keycloakRefreshToken: refreshToken,
    });
    return session ? { kind: 'opened', session } : { kind: 'over' };
  };
}
