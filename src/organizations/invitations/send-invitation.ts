import type { Sql, Transaction } from '../../database/database.js';
import type { Language, PromiseMessage } from '../../messaging/index.js';
import type { Invitation } from './invitation.js';

const DAY_S = 86_400;

/** Promises the message that carries the token, in the caller's transaction, and as its last step. */
export type SendInvitation = (sql: Transaction, invitation: Invitation, token: string) => Promise<void>;

/**
 * By mail or SMS, from the merchant's sender. The link leads to the custom UI, where whoever it is signs in or signs up
 * and then accepts.
 * @param page its address @param spendCeilingVnd what a merchant's SMS of a day may cost
 */
export function createSendInvitation(options: {
  promiseMessage: PromiseMessage;
  spendCeilingVnd: (merchantId: string | null) => Promise<number>;
  page: string;
  language: Language;
}): SendInvitation {
  const { promiseMessage, spendCeilingVnd, page, language } = options;
  return async (sql, { organizerId, merchantId, identifier }, token) => {
    const shared = {
      to: identifier.value,
      template: 'invitation',
      language,
      secret: { link: `${page}?invitation=${token}` },
      deadline: { seconds: DAY_S },
      merchantId,
      purpose: 'invitation',
    } as const;
    if (identifier.scheme === 'email') {
      const variables = { organizer: await nameOf(sql, organizerId) };
      await promiseMessage(sql, { ...shared, channel: 'mail', variables });
    } else {
      const ceiling = await spendCeilingVnd(merchantId);
      await promiseMessage(sql, { ...shared, channel: 'sms', variables: {}, spendCeilingVnd: ceiling });
    }
  };
}

async function nameOf(sql: Sql, organizerId: string): Promise<string> {
  const [row] = await sql.query<{ name: string }>('SELECT name FROM identity."Organizer" WHERE id = $1', [
    organizerId,
  ]);
  return row?.name ?? '';
}
