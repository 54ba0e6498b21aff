import type { MintAccessToken, RefreshTokens } from '../tokens/index.js';
import type { LiveSession } from './auth-session.js';

export interface IssuedTokens {
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
  refreshTokens: RefreshTokens;
  /** Seconds after which a session that isn't refreshed is over. */
  idleTtlS: number;
  now: () => number;
}): IssueTokens {
  const { mintAccessToken, refreshTokens, idleTtlS, now } = options;
  return async (session) => {
    const access = await mintPlatformToken(mintAccessToken, session);
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

export function mintPlatformToken(mintAccessToken: MintAccessToken, session: LiveSession) {
  const { id: sessionId, clientId, amr, acr, authTime, status, person, snapshot } = session;
  return mintAccessToken(
    { userId: person.id, sessionId, clientId, amr, acr, authTime, status, ...snapshot },
    session.expiresAt,
  );
}
