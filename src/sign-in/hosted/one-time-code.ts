import { createHash, randomBytes } from 'node:crypto';
import type { Database } from '../../database/database.js';
import { findLiveSession, type LiveSession } from '../../sessions/index.js';

/** RFC 6749 §4.1.2 allows ten minutes; a redirect needs seconds. */
const LIFE_S = 60;

export interface CodeBinding {
  clientId: string;
  redirectUri: string;
  /** The app's S256 challenge (RFC 7636 §4.2). */
  codeChallenge: string;
  sessionId: string;
}

export interface Redemption {
  code: string;
  clientId: string;
  redirectUri: string;
  verifier: string;
}

export type Redeemed =
  | { kind: 'good'; session: LiveSession }
  /** It was good before, for whoever holds this session. */
  | { kind: 'reused'; sessionId: string }
  | { kind: 'refused' };

export interface OneTimeCodes {
  issue(binding: CodeBinding): Promise<string>;
  redeem(request: Redemption): Promise<Redeemed>;
}

/** The codes that lead from `/callback` to `/token`: stored hashed, bound, consumed by one statement. */
export function createOneTimeCodes(database: Database): OneTimeCodes {
  return {
    async issue({ clientId, redirectUri, codeChallenge, sessionId }) {
      const code = randomBytes(32).toString('base64url');
      await database.query(
        `INSERT INTO identity."AuthorizationCode"
           (code_hash, client_id, redirect_uri, code_challenge, session_id, expires_at)
         VALUES ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))`,
        [sha256(code), clientId, redirectUri, codeChallenge, sessionId, LIFE_S],
      );
      return code;
    },
    async redeem(request) {
      // The one that consumes the code holds its row until it has read the session; another waits, and ends it then.
      const session = await database.transaction(async (sql) => {
        const [used] = await sql.query<{ session_id: string }>(CONSUME, [
          sha256(request.code),
          request.clientId,
          request.redirectUri,
          sha256(request.verifier),
        ]);
        return used && findLiveSession(sql, used.session_id);
      });
      if (session) return { kind: 'good', session };
      const [earlier] = await database.query<{ session_id: string }>(
        'SELECT session_id FROM identity."AuthorizationCode" WHERE code_hash = $1 AND used_at IS NOT NULL',
        [sha256(request.code)],
      );
      return earlier ? { kind: 'reused', sessionId: earlier.session_id } : { kind: 'refused' };
    },
  };
}

const CONSUME = `
  UPDATE identity."AuthorizationCode" AS code SET used_at = now()
  WHERE code_hash = $1 AND used_at IS NULL AND expires_at > now()
    AND client_id = $2 AND redirect_uri = $3 AND code_challenge = $4
    AND EXISTS (SELECT FROM identity."Client" WHERE id = code.client_id AND status = 'ACTIVE')
  RETURNING session_id`;

/** Of a verifier it is the S256 challenge itself (RFC 7636 §4.6). */
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');
