import { randomBytes } from 'node:crypto';
import type { AuditTrail } from './compose-audit.js';
import { createSealedText } from './database/sealed-text.js';
import type { NextId } from './database/snowflake.js';
import type { Infrastructure } from './infrastructure.js';
import { lookAtNewcomer } from './keycloak-news/index.js';
import { createEnsurePerson } from './people/index.js';
import { createAssignDefaultRole } from './policies/index.js';
import {
  createEndSessions,
  createIssueTokens,
  createListSessions,
  createOpenSession,
  createRecheckSession,
  createRefreshSession,
  createRelayEnds,
  createSelectBranch,
} from './sessions/index.js';
import {
  createAccessTokenMinter,
  createAccountTokenMinter,
  createRefreshTokens,
  createSigner,
  createStatusPlaces,
  createSystemTokenMinter,
  type KeyMaterial,
  type Signer,
  statusListUris,
} from './tokens/index.js';

export type Sessions = Awaited<ReturnType<typeof composeSessions>>;

/** Wires people, tokens and sessions: what every way to sign in ends in. */
export async function composeSessions(
  { config, database, admin, keycloakSessions, logger }: Infrastructure,
  keys: KeyMaterial,
  { currentSigner, accountSigner }: { currentSigner: () => Signer; accountSigner: Signer },
  nextId: NextId,
  { audit }: Pick<AuditTrail, 'audit'>,
) {
  const { issuer } = config.tokens;
  const { keycloakRecheckS, idleTtlS } = config.sessions;
  const now = Date.now;
  const assignDefaultRole = createAssignDefaultRole({ nextId, audit });
  const sealed = createSealedText(keys.sessionEncryption);
  const minting = {
    currentSigner,
    settings: config.tokens,
    statusListUri: statusListUris(issuer),
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
      async onFirstArrival(sql, userId, visitor) {
        await assignDefaultRole(sql, userId, visitor);
        await lookAtNewcomer(sql, userId);
      },
      audit,
    }),
    openSession: createOpenSession({
      database,
      audit,
      sealed,
      places: createStatusPlaces({ database, monotonicNow: () => performance.now() }),
      absoluteTtlS: config.sessions.absoluteTtlS,
    }),
    refreshSession: createRefreshSession({
      database,
      audit,
      recheckSession: createRecheckSession({
        database,
        audit,
        sealed,
        keycloak: keycloakSessions,
        recheckS: keycloakRecheckS,
        timeoutMs: config.keycloak.timeoutMs,
      }),
      graceS: config.sessions.refreshGraceS,
      recheckS: keycloakRecheckS,
      idleTtlS,
    }),
    listSessions: createListSessions(database, idleTtlS),
    endSessions: createEndSessions({
      database,
      audit,
      relay: createRelayEnds({ database, keycloak: admin }),
      logger,
    }),
    selectBranch: createSelectBranch({ database, audit }),
    issueTokens: createIssueTokens({ mintAccessToken, mintAccountToken, refreshTokens, idleTtlS, now }),
  };
}
