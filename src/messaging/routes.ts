import { z } from 'zod';
import { type Audit, acting, by } from '../audit/index.js';
import type { Database } from '../database/database.js';
import { BASE } from '../http/base-path.js';
import { pageDescription, pageFields, pageReply } from '../http/page.js';
import { defineRoute, type Route } from '../http/route.js';
import { messageErrors } from './errors.js';
import type { ListMessages } from './list-messages.js';
import { MESSAGE_STATUSES } from './message.js';
import type { ReplayMessage } from './replay-message.js';
import { DELIVERIES } from './reports/record-report.js';

const PATH = `${BASE}/messages`;
const access = { role: '900_admin' } as const;
const id = z.string().regex(/^\d{1,20}$/);

const moment = z.iso.datetime({ offset: true });
const entrySchema = z.object({
  id: z.string(),
  channel: z.enum(['sms', 'mail']),
  recipient: z.string().describe('Masked'),
  purpose: z.string(),
  template: z.string(),
  merchantId: z.string().nullable().describe('null: the platform’s'),
  status: z.enum(MESSAGE_STATUSES),
  errorClass: z.string().nullable(),
  cost: z.number().describe('VND'),
  replays: z.int(),
  createdAt: moment,
  finishedAt: moment.nullable(),
  deadlineAt: moment.nullable(),
  attempts: z.array(
    z.object({
      provider: z.string(),
      providerMessageId: z.string(),
      status: z.string(),
      providerStatus: z.string().nullable(),
      providerReference: z.string().nullable(),
      errorClass: z.string().nullable(),
      segments: z.int(),
      cost: z.number(),
      latencyMs: z.int().nullable(),
      startedAt: z.string(),
      delivery: z
        .enum(DELIVERIES)
        .nullable()
        .describe('As the provider reported later; null where it has not'),
      deliveryStatus: z.string().nullable(),
      deliveryReportedAt: z.string().nullable(),
    }),
  ),
});

const pageQuery = z.strictObject({
  status: z.enum(MESSAGE_STATUSES).optional(),
  ...pageFields(id),
});

/** The ledger of messages (M3), for platform administrators: what became of each, and once more for those that failed. */
export function messageRoutes(options: {
  database: Database;
  listMessages: ListMessages;
  replayMessage: ReplayMessage;
  audit: Pick<Audit, 'record'>;
}): Route[] {
  const { database, listMessages, replayMessage, audit } = options;
  return [
    defineRoute({
      method: 'get',
      path: PATH,
      summary: 'The ledger of mail and SMS, newest first',
      description: pageDescription,
      tag: 'administration',
      access,
      query: pageQuery,
      responses: { 200: { description: 'A page', schema: z.array(entrySchema) } },
      async handle({ query, visitor }, caller) {
        const page = await listMessages(query);
        await audit.record(database, {
          ...acting(by(caller, visitor)),
          action: 'message.read',
          subject: { type: 'message', id: 'ledger' },
          after: { ...query },
        });
        return pageReply(PATH, query, page);
      },
    }),
    defineRoute({
      method: 'post',
      path: `${PATH}/{id}/replay`,
      summary: 'Send a message once more that could not be sent',
      description: 'A code past its life is never sent: 409.',
      tag: 'administration',
      access,
      params: z.object({ id }),
      body: z.strictObject({}),
      responses: { 202: { description: 'Promised again' } },
      problems: Object.values(messageErrors),
      async handle({ params, visitor }, caller) {
        await database.transaction(async (sql) => {
          await replayMessage(sql, params.id);
          await audit.record(sql, {
            ...acting(by(caller, visitor)),
            action: 'message.replayed',
            subject: { type: 'message', id: params.id },
          });
        });
        return { status: 202 };
      },
    }),
  ];
}
