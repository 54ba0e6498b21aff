import type { RequestHandler } from 'express';
import type { Audit } from '../../audit/index.js';
import type { Sql } from '../../database/database.js';
import { oauthParameter } from '../../http/oauth-parameter.js';
import { type IdentifyService, isServiceName, type ServiceStore } from '../../services/index.js';
import type { MintSystemToken } from '../../tokens/index.js';
import type { Grant, TokenRequest } from './grant.js';
import { OAuthError } from './oauth-error.js';

/**
 * RFC 6749 §4.4: a service gets a system token. It authenticates by BASIC, which holds here as everywhere: from
 * allowed addresses alone, and through no proxy (contract §7).
 * `invalid_client` (401), or `invalid_target` unless one registered service is named.
 */
export function clientCredentialsGrant(options: {
  services: Pick<IdentifyService, 'identify'>;
  store: Pick<ServiceStore, 'describe' | 'isRegistered'>;
  mintSystemToken: MintSystemToken;
  database: Sql;
  audit: Pick<Audit, 'record'>;
  limits: readonly RequestHandler[];
}): Grant {
  const { services, store, mintSystemToken, database, audit, limits } = options;
  return {
    type: 'client_credentials',
    parameters: {
      resource: oauthParameter({
        description: 'client_credentials: `service:<name>` of a registered service',
      }),
    },
    authenticatesClient: true,
    limits,
    async run(request) {
      const { authorization } = request.headers;
      const service = await services.identify({ authorization, ...request.connection });
      if (!service) throw new OAuthError('invalid_client', 'the service is not accepted');
      refuseSecondAuthentication(request, service.name);
      request.context.note({ service: service.name });
      const { roles, defaultAudience } = await store.describe(service.id);
      const audience = readTarget(request.form) ?? defaultAudience;
      if (audience === null || !isServiceName(audience) || !(await store.isRegistered(audience))) {
        throw new OAuthError('invalid_target', 'name one registered service by resource or audience');
      }
      const who = { type: 'service', id: service.id } as const;
      const { visitor } = request;
      await audit.record(database, {
        actor: who,
        action: 'token.issued',
        subject: who,
        after: { name: service.name, audience },
        visitor,
      });
      const { name, status } = service;
      const { token, expiresIn } = await mintSystemToken({ name, roles, audience, status });
      return { accessToken: token, expiresIn };
    },
  };
}

/** A client proves itself in one way at a time (RFC 6749 §2.3). */
function refuseSecondAuthentication({ form }: TokenRequest, name: string): void {
  const otherName = form.client_id !== undefined && form.client_id !== name;
  if (otherName || form.client_secret !== undefined || form.client_assertion !== undefined) {
    throw new OAuthError('invalid_request', 'the client authenticates in more than one way');
  }
}

/**
 * The service that `resource` (RFC 8707 §2: a URI, `service:<name>`) and `audience` (RFC 8693 §2.1: a name) name.
 * Undefined when neither is there. Either form is taken in either place.
 */
function readTarget({ resource, audience }: TokenRequest['form']): string | undefined {
  const targets = new Set([resource, audience].flat().filter((target) => typeof target === 'string'));
  const names = new Set([...targets].map((target) => target.replace(/^service:/, '')));
  if (names.size > 1) throw new OAuthError('invalid_target', 'a system token is for one service');
  return [...names][0];
}
