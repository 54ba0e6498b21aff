import type { Outcome } from './sender.js';

/** Sends one SMS. */
export interface SmsProvider {
  name: string;
  /**
   * @param sms `messageId` at most 32 letters and digits, the provider's idempotency key; `to` in E.164; `text` one
   * part of plain letters
   */
  send(sms: { messageId: string; to: string; text: string; signal: AbortSignal }): Promise<Outcome>;
}
