import { randomUUID } from 'node:crypto';

export interface Message {
  channel: 'sms' | 'mail';
  /** A phone number or an e-mail address, in full. */
  to: string;
  text: string;
}

/** `createdAt` in ISO 8601. */
export type KeptMessage = Message & { id: string; createdAt: string };

export interface Messages {
  add(message: Message): KeptMessage;
  /** The newest first. */
  list(): KeptMessage[];
}

/** The last messages that came in, in memory alone: they hold live codes and links. */
export function createMessages(atMost: number): Messages {
  const kept: KeptMessage[] = [];
  return {
    add(message) {
      const added = { id: randomUUID(), ...message, createdAt: new Date().toISOString() };
      kept.unshift(added);
      kept.length = Math.min(kept.length, atMost);
      return added;
    },
    list: () => [...kept],
  };
}
