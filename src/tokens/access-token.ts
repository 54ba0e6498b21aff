import type { TokenKind } from '../http/token-kind.js';
import { signJwt } from './sign-jwt.js';
import type { Signer } from './signer.js';
import { standardClaims } from './standard-claims.js';
import { type StatusListUri, type StatusPlace, statusClaim } from './status-lists/index.js';

const MAX_LENGTH = 4096;
const MAX_ITEMS = 50;

export interface RoleClaim {
  id: string;
  identifier: string;
  priority: number;
}

/** What every token of a person says. Times in seconds since 1970. */
export interface PersonSubject {
  userId: string;
  sessionId: string;
  clientId: string;
  policyVersion: number;
  amr: string[];
  acr: string | null;
  authTime: number;
  /** Null for a session from before there were status lists. */
  status: StatusPlace | null;
}

/** What an access token says of a person: with a place, what they are in that branch alone. */
export interface AccessSubject extends PersonSubject {
  roles: RoleClaim[];
  organizers: string[];
  merchants: string[];
  place?: BranchPlace;
}

/** Where a branch token is good, as its claims name it (T9). */
export interface BranchPlace {
  workspaceId: string;
  tenantId: string;
  memberId: string;
  activeBranchId: string;
  /** Those of this workspace that the member may select. */
  branchIds: string[];
}

export interface AccessTokenSettings {
  issuer: string;
  audience: string;
  typ: string;
  rolesClaim: 'objects' | 'identifiers';
  ttlS: number;
}

export interface MintedToken {
  token: string;
  expiresIn: number;
}

export type MintAccessToken = (subject: AccessSubject, expiresBy?: number) => Promise<MintedToken>;

/**
 * Mints access tokens (T2): `{ iss aud iat nbf exp jti sub client_id userId roles organizers merchants … }`, of the
 * platform, or of the branch that the subject has a place in. Lists are cut at 50 entries, and further until the token
 * fits in 4 KiB; then `truncated` is true.
 * @param now milliseconds since 1970
 */
export function createAccessTokenMinter(options: {
  currentSigner: () => Signer;
  settings: AccessTokenSettings;
  statusListUri: StatusListUri;
  now: () => number;
  newJti: () => string;
}): MintAccessToken {
  const { currentSigner, settings, statusListUri, now, newJti } = options;
  return async (subject, expiresBy = Number.POSITIVE_INFINITY) => {
    const signer = currentSigner();
    const iat = Math.floor(now() / 1000);
    const exp = Math.min(iat + settings.ttlS, Math.floor(expiresBy));
    const { issuer, audience } = settings;
    const names = { issuer, audience, sub: subject.userId, clientId: subject.clientId };
    const fixed = {
      ...standardClaims({ ...names, iat, exp, jti: newJti() }),
      ...personClaims(subject, subject.place ? 'branch' : 'platform'),
      ...placeClaims(subject.place),
      ...statusClaim(subject.status, statusListUri),
    };
    for (let most = MAX_ITEMS; ; most = Math.floor(most * 0.8)) {
      const token = await signJwt(signer, settings.typ, { ...fixed, ...listClaims(subject, settings, most) });
      if (token.length <= MAX_LENGTH || most === 0) return { token, expiresIn: exp - iat };
    }
  };
}

/** How each kind names itself (T8). */
const KIND_CLAIMS = {
  platform: { token_type: 'platform', token_scope: 'PLATFORM' },
  account: { token_type: 'account', token_scope: 'ACCOUNT' },
  branch: { token_type: 'workspace', token_scope: 'BRANCH' },
} as const satisfies Record<TokenKind, object>;

/** The kind that a token's `token_type` names, if it is a person's access token. */
export const kindOf = (tokenType: unknown): TokenKind | undefined =>
  (Object.keys(KIND_CLAIMS) as TokenKind[]).find((kind) => KIND_CLAIMS[kind].token_type === tokenType);

export function personClaims(subject: PersonSubject, kind: TokenKind) {
  return {
    userId: subject.userId,
    account_id: subject.userId,
    account_type: 'user',
    session_id: subject.sessionId,
    typ: 'Bearer',
    ...KIND_CLAIMS[kind],
    policy_version: subject.policyVersion,
    amr: subject.amr,
    auth_time: subject.authTime,
    ...(subject.acr === null ? {} : { acr: subject.acr }),
  };
}

function placeClaims(place: BranchPlace | undefined) {
  if (!place) return {};
  return {
    workspace_id: place.workspaceId,
    tenant_id: place.tenantId,
    member_id: place.memberId,
    active_branch_id: place.activeBranchId,
  };
}

function listClaims(subject: AccessSubject, settings: AccessTokenSettings, most: number) {
  const { roles, organizers, merchants, place } = subject;
  const branchIds = place?.branchIds ?? [];
  const shown = roles.slice(0, most);
  return {
    roles: settings.rolesClaim === 'identifiers' ? shown.map((role) => role.identifier) : shown,
    organizers: organizers.slice(0, most),
    merchants: merchants.slice(0, most),
    ...(place ? { branch_ids: branchIds.slice(0, most) } : {}),
    ...([roles, organizers, merchants, branchIds].some((items) => items.length > most)
      ? { truncated: true }
      : {}),
  };
}
