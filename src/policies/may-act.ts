import type { Sql } from '../database/database.js';

/** What somebody wants to do: one single action, such as `read`, to a kind of thing, such as `customer`, at a merchant. */
export interface ActAtMerchant {
  userId: string;
  merchantId: string;
  object: string;
  action: string;
}

/** Whether a person may, at this moment: at a merchant that they could select, by what is granted to them there. */
export async function mayActAtMerchant(
  sql: Sql,
  { userId, merchantId, object, action }: ActAtMerchant,
): Promise<boolean> {
  const [row] = await sql.query<{ may: boolean }>('SELECT identity.may_act($1, $2, $3, $4) AS may', [
    userId,
    merchantId,
    object,
    action,
  ]);
  return row?.may === true;
}
