import type { Visitor } from '../http/route.js';
import type { Person } from '../people/index.js';
import type { Branch, Snapshot } from '../policies/index.js';
import type { StatusPlace } from '../tokens/index.js';

/** What a session's tokens carry: everything the person has, or what they are in the branch it stands in. */
export type Dialect = 'platform' | 'workspace';

/** Which token a session gives at this moment, and in a workspace session the branches that may be selected. */
export type Reach =
  | { kind: 'platform' }
  | { kind: 'account'; branches: Branch[] }
  | { kind: 'branch'; branch: Branch; branches: Branch[] };

/** What opens a session: the person, their Keycloak session, and how Keycloak saw them. */
export interface NewSession {
  id: string;
  keycloakSid: string;
  userId: string;
  clientId: string;
  origin: 'sign_in' | 'exchange';
  /** Which door the person came in by. */
  via: 'password' | 'otp' | 'hosted' | 'exchange';
  /** The platform's unless said. */
  dialect?: Dialect;
  visitor: Visitor;
  amr: string[];
  acr: string | null;
  /** Seconds since 1970. */
  authTime: number;
  /** Keycloak's own, kept sealed; exchange holds none. */
  keycloakRefreshToken: string | null;
}

/** A live session with everything a token needs. Times in seconds since 1970. */
export interface LiveSession {
  id: string;
  clientId: string;
  amr: string[];
  acr: string | null;
  authTime: number;
  expiresAt: number;
  refresh: { generation: number; issuedAt: number };
  status: StatusPlace | null;
  person: Person;
  snapshot: Snapshot;
  reach: Reach;
}

export type EndReason =
  | 'signed_out'
  | 'signed_out_everywhere'
  | 'refresh_token_reused'
  | 'authorization_code_reused'
  | 'code_unredeemed'
  | 'idle'
  | 'ended_by_owner'
  | 'ended_by_admin'
  | 'password_reset'
  | 'password_changed'
  | 'not_me'
  | 'key_retired'
  | 'restored'
  | 'keycloak_ended';
