import { type StandIn, startStandIn } from './http-stand-in.js';

/** The development inbox's call for SMS, at `/messages` below its origin. */
export async function startInbox(): Promise<StandIn & { origin: string }> {
  const standIn = await startStandIn({
    check: (body) => (body.channel === 'sms' && typeof body.text === 'string' ? [] : ['body']),
    answer: () => ({}),
  });
  return Object.assign(standIn, { origin: new URL(standIn.url).origin });
}
