import { z } from 'zod';
import { KEYCLOAK } from '../audit/index.js';
import type { Database } from '../database/database.js';
import type { SpendOnce } from '../database/spend-once.js';
import { BASE } from '../http/base-path.js';
import { oauthParameter } from '../http/oauth-parameter.js';
import { defineRoute, type Reply, type Route } from '../http/route.js';
import { keycloakErrors, LOGOUT_TOKEN_LIFE_S, type LogoutToken } from '../keycloak-gateway/index.js';
import type { EndSessions } from '../sessions/index.js';

const form = z.looseObject({ logout_token: oauthParameter({}) });
const errorSchema = z.object({ error: z.string(), error_description: z.string() });

/**
 * `POST /backchannel-logout` (OpenID Connect Back-Channel Logout 1.0 §2.5-2.8): what ends in Keycloak, say by an
 * administrator in the console, ends here at once. Keycloak sends it once, so memory of the `jti` and the end of the
 * sessions are one transaction, and there is no limit by address: all of them come from Keycloak's own.
 */
export function backchannelLogoutRoute(options: {
  database: Database;
  spendOnce: SpendOnce;
  readLogoutToken: (token: string) => Promise<LogoutToken | null>;
  endSessions: Pick<EndSessions, 'endedByKeycloak'>;
}): Route {
  const { database, spendOnce, readLogoutToken, endSessions } = options;
  return defineRoute({
    method: 'post',
    path: `${BASE}/auth/backchannel-logout`,
    summary: "Keycloak's word that a session has ended (OpenID Connect Back-Channel Logout)",
    tag: 'keycloak',
    access: 'public',
    body: form,
    bodyType: 'form',
    responses: {
      200: { description: 'Ended here too' },
      400: { description: 'No logout token, or one that was used', schema: errorSchema },
    },
    problems: [keycloakErrors.unavailable],
    async handle({ body, visitor, context }) {
      const given = body.logout_token;
      const token = typeof given === 'string' ? await readLogoutToken(given) : null;
      if (!token) return refused;
      const ended = await database.transaction(async (sql) => {
        if (!(await spendOnce(sql, 'logout-token', token.jti, LOGOUT_TOKEN_LIFE_S))) return undefined;
        const by = { actor: KEYCLOAK, visitor };
        return endSessions.endedByKeycloak({ sid: token.sid, keycloakId: token.sub }, sql, by);
      });
      if (ended === undefined) return refused;
      context.note({ 'sessions.ended': String(ended) });
      return { status: 200 };
    },
  });
}

const refused: Reply = {
  status: 400,
  body: { error: 'invalid_request', error_description: 'the logout token is not acceptable' },
};
