import type { RequestHandler } from 'express';
import { z } from 'zod';
import { BASE } from '../../http/base-path.js';
import { defineRoute, type Route } from '../../http/route.js';
import { oneLine } from '../../http/text-patterns.js';
import { keycloakErrors } from '../../keycloak-gateway/index.js';
import { otpErrors } from '../../otp/index.js';
import { chooseLanguage } from '../choose-language.js';
import { signInErrors } from '../errors.js';
import { clientIdSchema, identifierValue } from '../identifier-schema.js';
import { readCodeTarget } from '../otp/code-target.js';
import { codePromiseSchema } from '../otp/otp-routes.js';
import type { RegisteredClient } from '../registered-client.js';
import { newPassword } from '../self-service/self-service-routes.js';
import type { RequestSignUp } from './request-sign-up.js';

/** What people read, in one line; Keycloak refuses what looks like mark-up in a name. */
const displayName = z.string().trim().min(1).max(100).regex(oneLine('<>&"$%!#?§;*~/\\\\|^=[\\]{}()'));
/** No @: a name must not look like somebody's address. */
const username = z.string().regex(/^[a-z0-9][a-z0-9._-]{2,63}$/);

const signUpBody = z.strictObject({
  identifier: z.strictObject({ scheme: z.enum(['email', 'phone']), value: identifierValue }),
  credential: z.strictObject({ scheme: z.literal('password'), value: newPassword }),
  profile: z.strictObject({ displayName: displayName.optional(), username: username.optional() }).optional(),
  clientId: clientIdSchema.optional(),
});

export function signUpRoute(options: {
  requestSignUp: RequestSignUp;
  registeredClient: RegisteredClient;
  /** ISO 3166-1 alpha-2: where codes are sent by SMS. */
  countries: readonly string[];
  limits: readonly RequestHandler[];
}): Route {
  const { requestSignUp, registeredClient, countries, limits } = options;
  return defineRoute({
    method: 'post',
    path: `${BASE}/auth/sign-up`,
    summary: 'Begin an account',
    description:
      'Only the code of this very answer makes the account: `POST /otp/verify` with namespace verify-email for an ' +
      'e-mail address, phone-auth for a phone number. A known identifier gets a message instead, and the same answer. ' +
      'A user name is a wish: when it is taken, the account has another, and the person can change it.',
    tag: 'sign-up',
    access: 'public',
    limits: [...limits],
    body: signUpBody,
    responses: { 202: { description: 'Promised', schema: codePromiseSchema } },
    problems: [...Object.values(otpErrors), ...Object.values(keycloakErrors), signInErrors.unknown_client],
    async handle({ body, languages, visitor, context }) {
      context.note({ 'identifier.scheme': body.identifier.scheme });
      const client = await registeredClient(body.clientId);
      const promise = await requestSignUp({
        target: readCodeTarget(body.identifier, countries),
        password: body.credential.value,
        profile: body.profile ?? {},
        client,
        language: chooseLanguage(undefined, languages),
        visitor,
      });
      return { status: 202, body: promise };
    },
  });
}
