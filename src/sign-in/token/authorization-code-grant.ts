import { oauthParameter, single } from '../../http/oauth-parameter.js';
import type { EndSessions, IssueTokens } from '../../sessions/index.js';
import type { OneTimeCodes } from '../hosted/one-time-code.js';
import { sessionAnswer } from '../session-answer.js';
import type { Grant } from './grant.js';
import { OAuthError } from './oauth-error.js';

/**
 * RFC 6749 §4.1.3 with RFC 7636: the one-time code that `/callback` gave, for the tokens of the session it opened.
 * A code that comes a second time ends that session, for one of its two holders stole it (RFC 6749 §4.1.2).
 */
export function authorizationCodeGrant(options: {
  codes: Pick<OneTimeCodes, 'redeem'>;
  endSessions: Pick<EndSessions, 'end'>;
  issueTokens: IssueTokens;
}): Grant {
  return {
    type: 'authorization_code',
    parameters: {
      code: oauthParameter({ description: 'As the redirect brought it; good once, for a minute' }),
      redirect_uri: oauthParameter({ description: 'The same as at /login' }),
      client_id: oauthParameter({ description: 'The same as at /login' }),
      code_verifier: oauthParameter({ description: 'Whose S256 challenge /login was given (RFC 7636)' }),
    },
    async run({ form, visitor }) {
      const redeemed = await options.codes.redeem(readForm(form));
      if (redeemed.kind === 'reused') {
        const by = { actor: { type: 'anonymous' } as const, visitor };
        const target = { sessionId: redeemed.sessionId, userId: null };
        await options.endSessions.end(target, 'authorization_code_reused', by);
      }
      if (redeemed.kind !== 'good') {
        throw new OAuthError('invalid_grant', 'the code is not good for this request');
      }
      const { session } = redeemed;
      const tokens = await options.issueTokens(session);
      return { ...tokens, session: sessionAnswer(session, tokens) };
    },
  };
}

function readForm(form: Record<string, unknown>) {
  const read = (name: string): string => {
    const value = single(form, name);
    if (value === undefined) throw new OAuthError('invalid_request', `${name} is missing`);
    return value;
  };
  return {
    code: read('code'),
    clientId: read('client_id'),
    redirectUri: read('redirect_uri'),
    verifier: read('code_verifier'),
  };
}
