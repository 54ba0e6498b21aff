import type { RequestHandler } from 'express';
import { z } from 'zod';
import { defineRoute, type Route } from '../../http/route.js';
import { otpErrors } from '../../otp/index.js';
import { INTERNAL } from '../../services/index.js';
import { identifierValue } from '../identifier-schema.js';
import { challengeIdSchema, codePromiseSchema, codeSchema } from '../otp/otp-routes.js';
import { CODE_PURPOSES } from './code-purpose.js';
import { bridgeErrors } from './errors.js';
import type { StartPageCode } from './start-page-code.js';
import type { UsePageCode } from './use-page-code.js';

/** Who sits before Keycloak's page, as Keycloak sees them. */
const visitor = z.strictObject({
  address: z.union([z.ipv4(), z.ipv6()]),
  agent: z.string().max(512),
});
const keycloakId = z.string().min(1).max(64);
const text = z.string().max(320);
/** Keycloak's JSON leaves out what is null. */
const unsetOr = <Value extends z.ZodType>(value: Value) => value.nullable().default(null);

const startBody = z
  .strictObject({
    purpose: z.enum(CODE_PURPOSES),
    phone: identifierValue.optional().describe('As typed'),
    identifier: identifierValue
      .optional()
      .describe('As typed, for forgot-password: a phone number or an e-mail address'),
    again: challengeIdSchema
      .optional()
      .describe('In place of either: the challenge whose address gets another code'),
    language: z.enum(['vi', 'en']),
    visitor,
    keycloakId: keycloakId.optional(),
  })
  .refine((body) => (body.purpose === 'verify-phone') === (body.keycloakId !== undefined), {
    path: ['keycloakId'],
    error: 'says who wants the number, and belongs to verify-phone alone',
  })
  .refine(
    ({ purpose, phone, identifier, again }) => {
      const [typed, other] = purpose === 'forgot-password' ? [identifier, phone] : [phone, identifier];
      return other === undefined && (typed === undefined) !== (again === undefined);
    },
    {
      path: ['phone'],
      error: 'is needed (`identifier` for forgot-password), unless there is an earlier challenge',
    },
  );

const verifyBody = z
  .strictObject({
    purpose: z.enum(CODE_PURPOSES),
    challengeId: challengeIdSchema,
    code: codeSchema,
    visitor,
    profile: z
      .strictObject({
        username: text.min(1),
        displayName: text,
        email: unsetOr(text),
        emailVerified: z.boolean(),
        phone: unsetOr(text),
        phoneVerified: z.boolean(),
      })
      .optional(),
  })
  .refine((body) => (body.purpose === 'verify-phone') === (body.profile !== undefined), {
    path: ['profile'],
    error: 'says who wants the number, and belongs to verify-phone alone',
  });

export type PageVisit = z.infer<typeof startBody> | z.infer<typeof verifyBody>;

export interface BridgeRoutes {
  startPageCode: StartPageCode;
  usePageCode: UsePageCode;
  /** Counted by the visitor's address: Keycloak's own is one for all. */
  limits: Record<'otpRequestByVisitor' | 'signInByVisitor', RequestHandler>;
}

/** What the bridge asks while somebody sits before one of Keycloak's pages (contract §7). */
export function bridgeRoutes({ startPageCode, usePageCode, limits }: BridgeRoutes): Route[] {
  const problems = Object.values(otpErrors);
  return [
    defineRoute({
      method: 'post',
      path: `${INTERNAL}/otp/start`,
      summary: 'Have a code sent for a page of Keycloak',
      tag: 'internal',
      access: { service: 'otp.start' },
      inputLimits: [limits.otpRequestByVisitor],
      body: startBody,
      responses: {
        202: { description: 'Promised', schema: codePromiseSchema.extend({ maskedAddress: z.string() }) },
      },
      problems,
      async handle({ body, context }) {
        context.note({ 'otp.purpose': body.purpose });
        return { status: 202, body: await startPageCode(body) };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${INTERNAL}/otp/verify`,
      summary: 'Use the code that was typed on a page of Keycloak',
      tag: 'internal',
      access: { service: 'otp.verify' },
      inputLimits: [limits.signInByVisitor],
      body: verifyBody,
      responses: {
        200: {
          description: 'Whose number or address it is',
          schema: z.object({ keycloakId, phone: z.string().optional(), email: z.string().optional() }),
        },
      },
      problems: [...problems, bridgeErrors.phone_taken],
      async handle({ body, visitor: { requestId }, context }) {
        context.note({ 'otp.purpose': body.purpose });
        return { status: 200, body: await usePageCode({ ...body, visitor: { ...body.visitor, requestId } }) };
      },
    }),
  ];
}
