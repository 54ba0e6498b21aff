import type { RequestHandler } from 'express';
import { z } from 'zod';
import { BASE } from '../../http/base-path.js';
import { defineRoute, type Route } from '../../http/route.js';
import { keycloakErrors } from '../../keycloak-gateway/index.js';
import { OTP_NAMESPACES, otpErrors } from '../../otp/index.js';
import type { AuthenticateBearer } from '../../sessions/index.js';
import { tokenErrors } from '../../tokens/index.js';
import { chooseLanguage } from '../choose-language.js';
import { signInErrors } from '../errors.js';
import { clientIdSchema, identifierValue } from '../identifier-schema.js';
import type { AnswerSignIn, FindKnownDevice } from '../known-device.js';
import type { RegisteredClient } from '../registered-client.js';
import { sessionAnswerSchema } from '../session-answer.js';
import { readCodeTarget } from './code-target.js';
import type { RequestCode } from './request-code.js';
import type { UseCode } from './use-code.js';

/** Six digits as text: leading zeros count, and a number, an array or another script's digits are refused. */
export const codeSchema = z.string().regex(/^[0-9]{6}$/);
export const challengeIdSchema = z.string().min(1).max(4096);

const namespace = z.enum(OTP_NAMESPACES);
/** What each namespace sends a code to. */
const SCHEMES = { 'phone-auth': ['phone'], 'verify-email': ['email'], 'forgot-password': ['email', 'phone'] };

const requestBody = z
  .strictObject({
    namespace,
    identifier: z.strictObject({ scheme: z.enum(['email', 'phone']), value: identifierValue }),
    clientId: clientIdSchema.optional(),
  })
  .refine((body) => SCHEMES[body.namespace].includes(body.identifier.scheme), {
    path: ['identifier', 'scheme'],
    error: 'is not for this namespace',
  });

const verifyBody = z.strictObject({ namespace, challengeId: challengeIdSchema, code: codeSchema });

export const codePromiseSchema = z.object({
  challengeId: z.string(),
  expiresIn: z.int().describe('Seconds that the code lives'),
  resendIn: z.int().describe('Seconds until another may be asked for'),
});

const outcomeSchema = z.union([
  sessionAnswerSchema,
  z.object({ verified: z.literal(true) }),
  z.object({ resetTicket: z.string(), expiresIn: z.int().describe('Seconds') }),
]);

export interface OtpRoutes {
  /** The session of whoever shows an access token. */
  authenticate: AuthenticateBearer;
  requestCode: RequestCode;
  useCode: UseCode;
  registeredClient: RegisteredClient;
  /** ISO 3166-1 alpha-2: where codes are sent by SMS. */
  countries: readonly string[];
  findKnownDevice: FindKnownDevice;
  answerSignIn: AnswerSignIn;
  limits: Record<'otpRequestByAddress' | 'signInByAddress', RequestHandler>;
}

/** One-time codes (contract §4): asked for and taken alike, whether the identifier is known or not. */
export function otpRoutes(options: OtpRoutes): Route[] {
  const { authenticate, requestCode, useCode, registeredClient, countries, limits } = options;
  const { findKnownDevice, answerSignIn } = options;
  const tag = 'one-time codes';
  return [
    defineRoute({
      method: 'post',
      path: `${BASE}/auth/otp/request`,
      summary: 'Have a code sent',
      description:
        'The answer says nothing of whether the identifier is known, or whether anything was sent.',
      tag,
      access: 'public',
      limits: [limits.otpRequestByAddress],
      body: requestBody,
      responses: { 202: { description: 'Promised', schema: codePromiseSchema } },
      problems: [...Object.values(otpErrors), signInErrors.unknown_client],
      async handle({ body, cookies, languages, visitor, context }) {
        context.note({ 'otp.namespace': body.namespace, 'identifier.scheme': body.identifier.scheme });
        const client = await registeredClient(body.clientId);
        const target = readCodeTarget(body.identifier, countries);
        const language = chooseLanguage(undefined, languages);
        const device = await findKnownDevice(cookies, target.identifier);
        const { namespace } = body;
        return {
          status: 202,
          body: await requestCode({ namespace, target, client, language, visitor, device }),
        };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${BASE}/auth/otp/verify`,
      summary: 'Use a code',
      description:
        'A phone-auth code, and the code of a sign-up, sign in; a forgot-password code gives a reset ticket; a ' +
        'verify-email code proves the address. The code of a change is taken only with the access token of the ' +
        'session that asked for it.',
      tag,
      access: 'public',
      limits: [limits.signInByAddress],
      body: verifyBody,
      responses: { 200: { description: 'What the code was for', schema: outcomeSchema } },
      problems: [
        ...Object.values(otpErrors),
        ...Object.values(signInErrors),
        ...Object.values(tokenErrors),
        keycloakErrors.unavailable,
      ],
      async handle({ body, cookies, headers, visitor, context }) {
        context.note({ 'otp.namespace': body.namespace });
        const caller =
          headers.authorization === undefined ? undefined : await authenticate(headers.authorization);
        const outcome = await useCode({ ...body, caller, visitor });
        if (outcome.kind === 'verified') return { status: 200, body: { verified: true } };
        if (outcome.kind === 'reset') return { status: 200, body: outcome };
        context.note({ userId: outcome.session.person.id });
        return answerSignIn(outcome.session, cookies, visitor);
      },
    }),
  ];
}
