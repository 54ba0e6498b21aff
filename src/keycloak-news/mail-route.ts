import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.js';
import { oneLine } from '../http/text-patterns.js';
import { isRecipient } from '../messaging/index.js';
import { INTERNAL } from '../services/index.js';
import type { TakeMail } from './take-mail.js';

/** Bytes: Keycloak's own mails have a few thousand; a theme's may hold a picture. */
const BODY_LIMIT = 1024 * 1024;
const LONGEST_LIFE_S = 30 * 86_400;

const mailBody = z.strictObject({
  id: z.uuid().describe("The entry's in Keycloak's outbox"),
  to: z.string().refine((to) => isRecipient('mail', to), 'is no single address without a name'),
  subject: z.string().min(1).max(200).regex(oneLine()),
  text: z.string().max(200_000),
  html: z.string().max(400_000).optional(),
  validForS: z.int().min(0).optional().describe('How long its link lives on, from now; absent: it has none'),
});

/** `POST /internal/identity/mail`: Keycloak has written a mail, the bridge brings it, once or more. */
export function mailRoute({ takeMail }: { takeMail: TakeMail }): Route {
  return defineRoute({
    method: 'post',
    path: `${INTERNAL}/mail`,
    summary: "Send a mail of Keycloak's by the queue of all mails; the same id again is the same mail",
    tag: 'internal',
    access: { service: 'mail' },
    body: mailBody,
    bodyLimit: BODY_LIMIT,
    responses: { 202: { description: 'Promised', schema: z.object({ id: z.string() }) } },
    async handle({ body, context }) {
      const { validForS, ...mail } = body;
      const lives = validForS === undefined ? {} : { validForS: Math.min(validForS, LONGEST_LIFE_S) };
      const isNew = await takeMail({ ...mail, ...lives });
      context.note({ 'mail.isNew': String(isNew) });
      return { status: 202, body: { id: body.id } };
    },
  });
}
