import type { RequestHandler } from 'express';
import { z } from 'zod';
import { BASE } from '../../http/base-path.js';
import { defineRoute, type Route } from '../../http/route.js';
import { keycloakErrors } from '../../keycloak-gateway/index.js';
import { otpErrors } from '../../otp/index.js';
import { chooseLanguage } from '../choose-language.js';
import { identifierValue } from '../identifier-schema.js';
import { readCodeTarget } from '../otp/code-target.js';
import { codePromiseSchema } from '../otp/otp-routes.js';
import type { ChangePassword } from './change-password.js';
import { selfServiceErrors } from './errors.js';
import type { RequestChange } from './request-change.js';
import type { ResetPassword } from './reset-password.js';

/** The realm's policy decides; here is only what no policy allows. */
export const newPassword = z.string().min(1).max(256);

export interface SelfServiceRoutes {
  resetPassword: ResetPassword;
  changePassword: ChangePassword;
  requestChange: RequestChange;
  /** ISO 3166-1 alpha-2: where codes are sent by SMS. */
  countries: readonly string[];
  limits: Record<'otpRequestByAddress' | 'signInByAddress', RequestHandler>;
}

/** What people do about their own account (contract §4, S11). */
export function selfServiceRoutes(options: SelfServiceRoutes): Route[] {
  const { resetPassword, changePassword, requestChange, countries, limits } = options;
  const tag = 'self-service';
  const done = { 204: { description: 'Done' } };
  const ownProblems = [...Object.values(selfServiceErrors), ...Object.values(keycloakErrors)];

  const change = (scheme: 'email' | 'phone') =>
    defineRoute({
      method: 'post',
      path: `${BASE}/auth/change-${scheme}`,
      summary: `Have a code sent to the new ${scheme === 'email' ? 'address' : 'number'}`,
      description:
        'The code is used at `/otp/verify` with this session’s ' +
        `access token and namespace ${scheme === 'email' ? 'verify-email' : 'phone-auth'}; the old one is told.`,
      tag,
      access: 'user',
      recentSignIn: true,
      limits: [limits.otpRequestByAddress],
      body: z.strictObject({ value: identifierValue }),
      responses: { 202: { description: 'Promised', schema: codePromiseSchema } },
      problems: Object.values(otpErrors),
      async handle({ body, languages, visitor }, caller) {
        const target = readCodeTarget({ scheme, value: body.value }, countries);
        const language = chooseLanguage(undefined, languages);
        return { status: 202, body: await requestChange({ caller, target, language, visitor }) };
      },
    });

  return [
    defineRoute({
      method: 'post',
      path: `${BASE}/auth/reset-password`,
      summary: 'Set a new password with the ticket of a forgot-password code; every session ends',
      tag,
      access: 'public',
      limits: [limits.signInByAddress],
      body: z.strictObject({ resetTicket: z.string().min(1).max(4096), newPassword }),
      responses: done,
      problems: ownProblems,
      async handle({ body, visitor }) {
        await resetPassword({ ...body, visitor });
        return { status: 204 };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${BASE}/auth/change-password`,
      summary: 'Change the password; the other sessions end',
      tag,
      access: 'user',
      limits: [limits.signInByAddress],
      body: z.strictObject({ currentPassword: z.string().min(1).max(256), newPassword }),
      responses: done,
      problems: ownProblems,
      async handle({ body, visitor }, caller) {
        await changePassword({ caller, ...body, visitor });
        return { status: 204 };
      },
    }),
    change('email'),
    change('phone'),
  ];
}
