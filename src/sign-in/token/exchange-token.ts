import type { NextId } from '../../database/snowflake.js';
import type { Visitor } from '../../http/route.js';
import type { KeycloakSessions } from '../../keycloak-gateway/index.js';
import type { EnsuredPerson, EnsurePerson, Profile } from '../../people/index.js';
import { type LiveSession, mintPlatformToken, type OpenSession } from '../../sessions/index.js';
import type { MintAccessToken } from '../../tokens/index.js';
import { OAuthError } from './oauth-error.js';
import { readSubjectToken, type SubjectToken } from './subject-token.js';

export interface ExchangeRequest {
  subjectToken: string;
  visitor: Visitor;
}

export type ExchangeUseCase = (request: ExchangeRequest) => Promise<{ token: string; expiresIn: number }>;

/**
 * Token exchange (RFC 8693): an access token that Keycloak gave a listed app for this service becomes a platform
 * token. Keycloak is asked about every one of them, so what it revoked is refused at once; `amr`, `acr` and
 * `auth_time` are copied, never raised. There is no refresh token: the app holds Keycloak's session.
 * @throws OAuthError `invalid_request` when the subject token is not such a token (RFC 8693 §2.2.2)
 */
export function createExchange(options: {
  verifyKeycloakToken(token: string): Promise<object | null>;
  keycloak: Pick<KeycloakSessions, 'isActive'>;
  findKeycloakPerson(keycloakId: string): Promise<Profile | null>;
  people: EnsurePerson;
  openSession: OpenSession;
  mintAccessToken: MintAccessToken;
  nextId: NextId;
  clients: readonly string[];
}): ExchangeUseCase {
  const { people, openSession, mintAccessToken, nextId, clients } = options;

  async function arrive(subject: SubjectToken, visitor: Visitor): Promise<EnsuredPerson | undefined> {
    const known = await people.find(subject.keycloakId);
    if (known) return known;
    const profile = await options.findKeycloakPerson(subject.keycloakId);
    return profile ? people.arrive(subject.keycloakId, profile, visitor) : undefined;
  }

  async function open(subject: SubjectToken, visitor: Visitor): Promise<LiveSession | undefined> {
    const arrived = await arrive(subject, visitor);
    if (!arrived?.active) return undefined;
    return openSession({
      id: nextId(),
      keycloakSid: subject.sid,
      userId: arrived.person.id,
      clientId: 'nx-api',
      origin: 'exchange',
      via: 'exchange',
      visitor,
      amr: subject.amr,
      acr: subject.acr,
      authTime: subject.authTime,
      keycloakRefreshToken: null,
    });
  }

  return async ({ subjectToken, visitor }) => {
    const subject = readSubjectToken(await options.verifyKeycloakToken(subjectToken), clients);
    if (!(await options.keycloak.isActive(subjectToken))) throw refusedSubject('its session has ended');
    const session = await open(subject, visitor);
    if (!session) throw refusedSubject('its person or session is not accepted here');
    return mintPlatformToken(mintAccessToken, session);
  };
}

function refusedSubject(why: string): OAuthError {
  return new OAuthError('invalid_request', `subject_token is refused: ${why}`);
}
