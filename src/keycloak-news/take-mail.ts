import type { Database } from '../database/database.js';
import type { SpendOnce } from '../database/spend-once.js';
import type { Language, PromiseMessage } from '../messaging/index.js';

/** A mail that Keycloak has rendered. */
export interface RenderedMail {
  /** The outbox entry's. */
  id: string;
  to: string;
  subject: string;
  text: string;
  html?: string | undefined;
  /** Seconds, from now, that its link is good for. */
  validForS?: number | undefined;
}

/** True when the mail was not known yet. Once it returns, the mail is promised (D7). */
export type TakeMail = (mail: RenderedMail) => Promise<boolean>;

/** The bridge brings an entry again while it has no answer: within minutes, or when Keycloak is back from an outage. */
const REMEMBERED_S = 30 * 86_400;

/** Puts Keycloak's mails among our messages: memory of the entry and the message's row are one transaction. */
export function createTakeMail(options: {
  database: Database;
  spendOnce: SpendOnce;
  promiseMessage: PromiseMessage;
  /** What the ledger says of a mail that is written already. */
  language: Language;
}): TakeMail {
  const { database, spendOnce, promiseMessage, language } = options;
  return ({ id, to, subject, text, html, validForS }) =>
    database.transaction(async (sql) => {
      if (!(await spendOnce(sql, 'keycloak-mail', id, REMEMBERED_S))) return false;
      await promiseMessage(sql, {
        channel: 'mail',
        to,
        template: 'rendered',
        language,
        variables: {},
        // All of it: the link opens the account.
        secret: { subject, text, ...(html === undefined ? {} : { html }) },
        ...(validForS === undefined ? {} : { deadline: { seconds: validForS } }),
        merchantId: null,
        purpose: 'keycloak.mail',
      });
      return true;
    });
}
