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
  createOpenSession,
  createRefreshSession,
  createRelayEnds,
} from './sessions/index.js';
import {
  createAccessTokenMinter,
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
  accessSigner: Signer,
  nextId: NextId,
  { audit }: Pick<AuditTrail, 'audit'>,
) {
  const { issuer } = config.tokens;
  const now = Date.now;
  const assignDefaultRole = createAssignDefaultRole({ nextId, audit });
  const sealed = createSealedText(keys.sessionEncryption);
  const minting = {
    signer: accessSigner,
    settings: config.tokens,
    now,
    newJti: () => randomBytes(16).toString('base64url'),
  };
  const mintAccessToken = createAccessTokenMinter(minting);
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
    issueTokens: createIssueTokens({ mintAccessToken, refreshTokens, now }),
  };
}
