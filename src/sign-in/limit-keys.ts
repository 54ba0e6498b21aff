import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { addressBucket, byAddress } from '../http/limits.js';
import type { RouteInput } from '../http/route.js';
import { normalizeIdentifier } from '../people/index.js';
import type { RefreshTokens } from '../tokens/index.js';
import { identifierByShape } from './branches/identifier-by-shape.js';
import type { PageVisit } from './bridge/bridge-routes.js';
import type { RefreshBody, SignInBody } from './routes.js';

const inputOf = <Body>(response: Response): RouteInput<Body, undefined> => response.locals.input;

/** One counter for all spellings of an identifier, in either dialect; a hash, so that Redis holds no e-mail and no number. */
export function identifierKey(_request: Request, response: Response): string {
  const { identifier: given } = inputOf<Pick<SignInBody, 'identifier'> | { identifier: string }>(
    response,
  ).body;
  const identifier = typeof given === 'string' ? identifierByShape(given) : given;
  const { scheme, value } = normalizeIdentifier(identifier);
  return createHash('sha256').update(`${scheme}:${value}`).digest('base64url');
}

/** The session of a token that is really ours; else the address, or strangers could use up a session's limit. */
export function sessionKey(refreshTokens: RefreshTokens, cookieName: string) {
  return async (request: Request, response: Response): Promise<string> => {
    const { body, cookies } = inputOf<RefreshBody>(response);
    const token = body.refreshToken ?? cookies[cookieName] ?? '';
    return refreshTokens.read(token).then(
      ({ sessionId }) => sessionId,
      () => byAddress(request),
    );
  };
}

/** Whoever sits before Keycloak's page: the caller's own address is Keycloak's. */
export const visitorKey = (_request: Request, response: Response): string =>
  addressBucket(inputOf<PageVisit>(response).body.visitor.address);
