import type { Sql, Transaction } from '../../database/database.js';
import type { PromiseMessage } from '../../messaging/index.js';
import type { Language } from '../choose-language.js';
import type { NotMeLinks } from './not-me-link.js';

export interface Notice {
  userId: string;
  event: 'password-changed' | 'phone-changed' | 'email-changed' | 'new-device';
  /** To this address and no other, such as the one that was replaced. */
  only?: { channel: 'sms' | 'mail'; to: string };
}

/** Tells a person, in the transaction of what happened to their account (S11). */
export type Notify = (sql: Transaction, notice: Notice) => Promise<void>;

/** By mail where there is a proven address, else by SMS; with a link by which whoever it was not ends every session. */
export function createNotify(options: {
  promiseMessage: PromiseMessage;
  notMeLinks: NotMeLinks;
  language: Language;
}): Notify {
  const { promiseMessage, notMeLinks, language } = options;
  return async (sql, { userId, event, only }) => {
    const address = only ?? (await provenAddress(sql, userId));
    if (!address) return;
    await promiseMessage(sql, {
      ...address,
      template: 'security-notice',
      language,
      variables: { event },
      secret: { link: notMeLinks.make(userId) },
      merchantId: null,
      purpose: `notice.${event}`,
    });
  };
}

async function provenAddress(sql: Sql, userId: string) {
  const [held] = await sql.query<{ channel: 'sms' | 'mail'; to: string }>(
    `SELECT CASE scheme WHEN 'email' THEN 'mail' ELSE 'sms' END AS channel, value AS to
     FROM identity."Identifier" WHERE user_id = $1 ORDER BY scheme LIMIT 1`, // email comes before phone
    [userId],
  );
  return held;
}
