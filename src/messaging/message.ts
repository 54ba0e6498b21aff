import type { TemplateName } from './templates/variables.js';

export type Channel = 'sms' | 'mail';
export type Language = 'vi' | 'en';
export const MESSAGE_STATUSES = ['pending', 'accepted', 'dead', 'expired', 'withheld'] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];

/** A message to be promised. */
export interface NewMessage {
  channel: Channel;
  /** E.164, or an e-mail address without a name. */
  to: string;
  template: TemplateName;
  language: Language;
  /** Shown as they are; an SMS takes only what cannot hold a stranger's words. */
  variables: Record<string, string>;
  /** Such as the code: sealed in the row, erased when a provider has accepted the message or it is too late. */
  secret?: Record<string, string>;
  /** From the database's now(): it is never sent after that. */
  deadline?: { seconds: number };
  /** Whose sender, texts and credentials; null: the platform's. */
  merchantId: string | null;
  /** What it is for, such as `otp.phone-auth`. */
  purpose: string;
  /** Why it is written down and never sent, such as `no_account`: the asker's answer, and its time, tell nothing (O5). */
  withheld?: string | null;
  /** VND that the merchant's messages of a day may cost; past it an SMS is written down as withheld. Absent: no ceiling. */
  spendCeilingVnd?: number;
}

/** `withheld`: why it will not be sent, whoever said so. */
export interface PromisedMessage {
  id: string;
  withheld: string | null;
}

/** What a provider needs of a message, opened. */
export interface MessageContent {
  id: string;
  to: string;
  template: TemplateName;
  language: Language;
  variables: Record<string, string>;
  secret: Record<string, string>;
}

export type AttemptStatus = 'started' | 'accepted' | 'refused' | 'unclear' | 'unreachable';

/** One call of a provider, as the ledger has it. `started`: the process ended before it knew. */
export interface Attempt {
  number: number;
  /** Counts an operator's replays; the attempts before one decide nothing after it. */
  replay: number;
  round: number;
  provider: string;
  providerMessageId: string;
  status: AttemptStatus;
  /** A refusal that may turn into a yes by itself, such as "too many". */
  temporary: boolean;
}
