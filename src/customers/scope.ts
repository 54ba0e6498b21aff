import type { Sql } from '../database/database.js';
import { merchantTenant } from '../database/merchant-tenant.js';
import { Problem } from '../errors/problem.js';
import type { Caller, ServiceCaller } from '../http/route.js';
import { customerErrors } from './errors.js';

export type CustomerCaller = Caller | ServiceCaller;
export type CustomerAction = 'create' | 'read' | 'update' | 'delete';

/** Whether somebody may do something with the customers of a merchant. */
export type MayAct = (caller: CustomerCaller, merchantId: string, action: CustomerAction) => Promise<boolean>;

/** Where a caller may act: what a transaction is opened with. */
export interface Scope {
  tenantId: string;
  merchantId: string;
}

export interface FindScope {
  /**
   * @throws Problem `customer.not_found` (404) for a merchant that the caller may see nothing of, as if it were not there;
   * `customer.not_permitted` (403) where they may read, but not do this
   */
  ofMerchant(caller: CustomerCaller, merchantId: string, action: CustomerAction): Promise<Scope>;
  /** The same for the merchant of a customer. */
  ofCustomer(caller: CustomerCaller, customerId: string, action: CustomerAction): Promise<Scope>;
  /** The same for the merchant of an import. */
  ofImport(caller: CustomerCaller, importId: string, action: CustomerAction): Promise<Scope>;
}

export function createFindScope(options: { database: Sql; mayAct: MayAct }): FindScope {
  const { database, mayAct } = options;

  async function ofMerchant(caller: CustomerCaller, merchantId: string, action: CustomerAction) {
    if (!(await mayAct(caller, merchantId, action))) {
      const mayRead = action !== 'read' && (await mayAct(caller, merchantId, 'read'));
      throw new Problem(mayRead ? customerErrors.not_permitted : customerErrors.not_found);
    }
    const tenantId = await merchantTenant(database, merchantId);
    if (!tenantId) throw new Problem(customerErrors.not_found);
    return { tenantId, merchantId };
  }

  const ofWhatIsAt =
    (place: 'customer_place' | 'customer_import_merchant') =>
    async (caller: CustomerCaller, id: string, action: CustomerAction) => {
      const [row] = await database.query<{ merchant: string | null }>(
        `SELECT identity.${place}($1) AS merchant`,
        [id],
      );
      if (!row?.merchant) throw new Problem(customerErrors.not_found);
      return ofMerchant(caller, row.merchant, action);
    };

  return {
    ofMerchant,
    ofCustomer: ofWhatIsAt('customer_place'),
    ofImport: ofWhatIsAt('customer_import_merchant'),
  };
}
