import type {
  BranchPlace,
  MintAccessToken,
  MintAccountToken,
  MintedToken,
  PersonSubject,
  RefreshTokens,
} from '../tokens/index.js';
import type { LiveSession, Reach } from './auth-session.js';

export interface IssuedTokens {
  /** Of the kind that the session's reach says. */
  accessToken: string;
  /** Seconds. */
  expiresIn: number;
  refreshToken: string;
  refreshExpiresIn: number;
}

export type IssueTokens = (session: LiveSession) => Promise<IssuedTokens>;

/** The tokens of a session. The access token never outlives it; the refresh token is derived from the row alone. */
export function createIssueTokens(options: {
  mintAccessToken: MintAccessToken;
  mintAccountToken: MintAccountToken;
  refreshTokens: RefreshTokens;
  /** Seconds after which a session that isn't refreshed is over. */
  idleTtlS: number;
  now: () => number;
}): IssueTokens {
  const { refreshTokens, idleTtlS, now } = options;
  return async (session) => {
    const access = await mintByReach(options, session);
    const refreshBy = Math.min(session.expiresAt, session.refresh.issuedAt + idleTtlS);
    const refreshToken = await refreshTokens.mint({
      userId: session.person.id,
      sessionId: session.id,
      generation: session.refresh.generation,
      issuedAt: session.refresh.issuedAt,
      expiresAt: refreshBy,
    });
    const refreshExpiresIn = Math.max(refreshBy - Math.floor(now() / 1000), 0);
    return { accessToken: access.token, expiresIn: access.expiresIn, refreshToken, refreshExpiresIn };
  };
}

/** Everything the person has, whatever the session stands in. */
export function mintPlatformToken(
  mintAccessToken: MintAccessToken,
  session: LiveSession,
): Promise<MintedToken> {
  const { roles, organizers, merchants } = session.snapshot;
  return mintAccessToken({ ...personOf(session), roles, organizers, merchants }, session.expiresAt);
}

function mintByReach(
  {
    mintAccessToken,
    mintAccountToken,
  }: { mintAccessToken: MintAccessToken; mintAccountToken: MintAccountToken },
  session: LiveSession,
): Promise<MintedToken> {
  const { reach, expiresAt } = session;
  if (reach.kind === 'platform') return mintPlatformToken(mintAccessToken, session);
  if (reach.kind === 'account') return mintAccountToken(personOf(session), expiresAt);
  const { id, workspaceId, roles } = reach.branch;
  const place = placeOf(reach);
  const subject = { ...personOf(session), roles, organizers: [workspaceId], merchants: [id], place };
  return mintAccessToken(subject, expiresAt);
}

function personOf(session: LiveSession): PersonSubject {
  const { id: sessionId, clientId, amr, acr, authTime, status, person } = session;
  const { policyVersion } = session.snapshot;
  return { userId: person.id, sessionId, clientId, policyVersion, amr, acr, authTime, status };
}

/** A member is of one workspace: what the person has in others is not told to the sisters of this one. */
function placeOf({ branch, branches }: Extract<Reach, { kind: 'branch' }>): BranchPlace {
  const { id: activeBranchId, workspaceId, tenantId, memberId } = branch;
  const branchIds = branches.filter((other) => other.workspaceId === workspaceId).map(({ id }) => id);
  return { workspaceId, tenantId, memberId, activeBranchId, branchIds };
}
