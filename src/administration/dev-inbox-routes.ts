import { z } from 'zod';
import { defineProblems, Problem } from '../errors/problem.js';
import { defineRoute, type Route } from '../http/route.js';

const inboxErrors = defineProblems('dev_inbox', {
  unavailable: [503, 'The development inbox does not answer'],
});

const TIMEOUT_MS = 2000;

const inboxSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      channel: z.enum(['sms', 'mail']),
      to: z.string(),
      text: z.string(),
      createdAt: z.iso.datetime(),
    }),
  ),
});

/**
 * `GET /dev/inbox` (contract §3): what mail and SMS would have brought to people, the newest first.
 * @param inbox undefined where there is none, as everywhere but in development: then the path isn't there either
 */
export function devInboxRoutes(inbox: { url: string } | undefined): Route[] {
  if (!inbox) return [];
  return [
    defineRoute({
      method: 'get',
      path: '/dev/inbox',
      summary: 'Mail and SMS that were sent in development, the newest first',
      tag: 'development',
      access: 'public',
      responses: { 200: { description: 'The messages', schema: inboxSchema } },
      problems: [inboxErrors.unavailable],
      handle: async () => ({ status: 200, body: await readInbox(inbox.url) }),
    }),
  ];
}

async function readInbox(url: string): Promise<z.infer<typeof inboxSchema>> {
  try {
    const response = await fetch(`${url}/messages`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return inboxSchema.parse(await response.json());
  } catch (cause) {
    throw new Problem(inboxErrors.unavailable, { headers: { 'Retry-After': '2' }, cause });
  }
}
