import { setTimeout as sleep } from 'node:timers/promises';
import { call } from './call.js';

export interface InboxItem {
  id: string;
  channel: string;
  to: string;
  text: string;
  createdAt: string;
}

/** What reached this address, the newest first, as the service tells it. */
export async function inboxOf(service: { url: string }, address: string): Promise<InboxItem[]> {
  const { body } = await call(`${service.url}/dev/inbox`);
  return (body.items as InboxItem[]).filter(({ to }) => to === address);
}

/** Waits for the worker: what `find` makes of the texts to this address, the newest first. */
async function untilInbox<Found>(
  service: { url: string },
  address: string,
  find: (texts: string[]) => Found | undefined,
): Promise<Found> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const texts = (await inboxOf(service, address)).map(({ text }) => text);
    const found = find(texts);
    if (found !== undefined) return found;
    if (performance.now() > deadline)
      throw new Error(`not what was waited for, among ${texts.length} messages to ${address}`);
    await sleep(50);
  }
}

/** The code of the newest message to this address that has one and is not `after`. */
export const codeFromInbox = (service: { url: string }, to: string, after?: string): Promise<string> =>
  untilInbox(service, to, (texts) => {
    const newest = texts.map((text) => /\b(\d{6})\b/.exec(text)?.[1]).find((code) => code !== undefined);
    return newest === after ? undefined : newest;
  });

/** What reached this address, the newest first, once there are so many. */
export const textsTo = (service: { url: string }, to: string, atLeast: number): Promise<string[]> =>
  untilInbox(service, to, (texts) => (texts.length >= atLeast ? texts : undefined));
