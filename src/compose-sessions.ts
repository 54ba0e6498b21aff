import { randomBytes } from 'node:crypto';
import type { AuditTrail } from './compose-audit.js';
import { createSealedText } from './database/sealed-text.js';
import type { NextId } from './database/snowflake.js';
import type { Infrastructure } from './infrastructure.js';
import { createEnsurePerson } from './people/index.js';
import { createAssignDefaultRole } from './policies/index.js';
import {
  createEndSessions,
  createIssueTokens,
  createOpenSession,
  createRefreshSession,
  createRelayEnds,
  createSelectBranch,
} from './sessions/index.js';
import {
  createAccessTokenMinter,
  createAccountTokenMinter,
  createRefreshTokens,
  createSigner,
  createSystemTokenMinter,
  type KeyMaterial,
  type Signer,
} from './tokens/index.js';

export type Sessions = Awaited<ReturnType<typeof composeSessions>>;

/** Wires people, tokens and sessions: what every way to sign in ends in. */
export async function composeSessions(
  { config, database, admin, keycloakSessions, logger }: Infrastructure,
  keys: KeyMaterial,
  { accessSigner, accountSigner }: Record<'accessSigner' | 'accountSigner', Signer>,
  nextId: NextId,
  { audit }: Pick<AuditTrail, 'audit'>,
) {
  const { issuer } = config.tokens;
  const now = Date.now;
  const sealed = createSealedText(keys.sessionEncryption);
  const minting = {
    signer: accessSigner,
    settings: config.tokens,
    now,
    newJti: () => randomBytes(16).toString('base64url'),
  };
  const mintAccessToken = createAccessTokenMinter(minting);
  const mintAccountToken = createAccountTokenMinter({ ...minting, signer: accountSigner });
  const refreshTokens = createRefreshTokens({ signer: await createSigner(keys.refreshToken), issuer, now });
  return {
    nextId,
    mintAccessToken,
    mintSystemToken: createSystemTokenMinter(minting),
    refreshTokens,
    people: createEnsurePerson({
      database,
      nextId,
      onFirstArrival: createAssignDefaultRole({ nextId, audit }),
      audit,
    }),
    openSession: createOpenSession({ database, audit, sealed, absoluteTtlS: config.sessions.absoluteTtlS }),
    refreshSession: createRefreshSession({
      database,
      audit,
      sealed,
      keycloak: keycloakSessions,
      graceS: config.sessions.refreshGraceS,
      recheckS: config.sessions.keycloakRecheckS,
    }),
    endSessions: createEndSessions({
      database,
      audit,
      relay: createRelayEnds({ database, keycloak: admin }),
      logger,
    }),
    selectBranch: createSelectBranch({ database, audit }),
    issueTokens: createIssueTokens({ mintAccessToken, mintAccountToken, refreshTokens, now }),
  };
}
