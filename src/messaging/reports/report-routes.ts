import type { RequestHandler } from 'express';
import { z } from 'zod';
import { parseNetwork } from '../../config/network.js';
import type { ReadConfiguration } from '../../configurations/index.js';
import { Problem } from '../../errors/problem.js';
import { requestErrors } from '../../errors/request-errors.js';
import { createAddressList } from '../../http/address-list.js';
import { BASE } from '../../http/base-path.js';
import { defineRoute, type Route } from '../../http/route.js';
import { vnpaySchema } from '../providers/vnpay.js';
import type { Delivery, RecordReport } from './record-report.js';
import type { ReportTokens } from './report-token.js';

export const REPORTS = `${BASE}/messages/delivery-reports`;

const text = z.string().max(256);
const esmsQuery = z.looseObject({
  RequestId: z.string().min(1).max(50),
  SendStatus: text.optional(),
  SendSuccess: text.optional(),
  SendFailed: text.optional(),
});
const merchantId = z.string().regex(/^[\w.-]{1,64}$/);
const responses = { 200: { description: 'Taken' } };
const problems = [requestErrors.not_found];

export interface ReportRoutes {
  tokens: ReportTokens;
  recordReport: RecordReport;
  readConfiguration: ReadConfiguration;
  limits: RequestHandler[];
}

/**
 * What became of messages after a provider took them (M5). Neither provider signs its reports: eSMS gets an address
 * of its own for each message; VNPAY calls from addresses that the configuration lists, and is not listened to without.
 */
export function reportRoutes(options: ReportRoutes): Route[] {
  const { tokens, recordReport, readConfiguration } = options;
  const limits = [...options.limits];

  async function takeVnpay(body: Record<string, unknown>, address: string, of: string | null) {
    const row = await readConfiguration('SMS_VNPAY', of, vnpaySchema);
    const reports = row?.merchantId === of ? row.data.reports : undefined;
    const networks = reports?.addresses.flatMap((network) => parseNetwork(network) ?? []) ?? [];
    if (!reports || !createAddressList(networks)(address)) throw new Problem(requestErrors.not_found);
    const read = (name: string) =>
      z.coerce
        .string()
        .max(256)
        .catch('')
        .parse(body[name] ?? '');
    const [id, status] = [read(reports.idField), read(reports.statusField)];
    await recordReport({
      provider: 'vnpay',
      providerMessageId: id,
      delivery: deliveryBy(reports, status),
      status,
      merchantId: of ?? undefined,
    });
    return { status: 200 };
  }

  return [
    defineRoute({
      method: 'get',
      path: `${REPORTS}/esms/{token}`,
      summary: 'eSMS reports what became of an SMS',
      tag: 'providers',
      access: 'public',
      limits,
      params: z.object({ token: text }),
      query: esmsQuery,
      responses,
      problems,
      async handle({ params, query }) {
        const { RequestId, SendStatus = '', SendSuccess, SendFailed } = query;
        if (!tokens.fits(params.token, RequestId)) throw new Problem(requestErrors.not_found);
        // SendStatus says "sent" of what has failed, too: the counts tell.
        const [delivered, failed] = [Number(SendSuccess) > 0, Number(SendFailed) > 0];
        const delivery = delivered ? 'delivered' : failed ? 'undelivered' : 'pending';
        await recordReport({ provider: 'esms', providerMessageId: RequestId, delivery, status: SendStatus });
        return { status: 200 };
      },
    }),
    defineRoute({
      method: 'post',
      path: `${REPORTS}/vnpay`,
      summary: 'VNPAY reports what became of an SMS, by the platform’s account',
      tag: 'providers',
      access: 'public',
      limits,
      body: z.looseObject({}),
      responses,
      problems,
      handle: ({ body, visitor }) => takeVnpay(body, visitor.address, null),
    }),
    defineRoute({
      method: 'post',
      path: `${REPORTS}/vnpay/{merchantId}`,
      summary: 'The same, by a merchant’s own account',
      tag: 'providers',
      access: 'public',
      limits,
      params: z.object({ merchantId }),
      body: z.looseObject({}),
      responses,
      problems,
      handle: ({ body, params, visitor }) => takeVnpay(body, visitor.address, params.merchantId),
    }),
  ];
}

function deliveryBy(reports: { delivered: string[]; undelivered: string[] }, status: string): Delivery {
  if (reports.delivered.includes(status)) return 'delivered';
  return reports.undelivered.includes(status) ? 'undelivered' : 'pending';
}
