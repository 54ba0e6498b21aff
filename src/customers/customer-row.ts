import type { Customer } from './customer.js';

export interface CustomerRow {
  id: string;
  merchant_id: string;
  code: string;
  display_name: string;
  phone: string | null;
  email: string | null;
  birthday: string | null;
  note: string | null;
  tags: string[];
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** Selects a CustomerRow; a date stays text, so that no time zone moves it. */
export const CUSTOMER_COLUMNS = `id, merchant_id, code, display_name, phone, email, birthday::text AS birthday, note, tags,
  version, created_at, updated_at`;

export const toCustomer = (row: CustomerRow): Customer => ({
  id: row.id,
  merchantId: row.merchant_id,
  code: row.code,
  displayName: row.display_name,
  phone: row.phone,
  email: row.email,
  birthday: row.birthday,
  note: row.note,
  tags: row.tags,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/** As it is answered: what is not known is left out. */
export const present = (customer: Customer): Record<string, unknown> =>
  Object.fromEntries(Object.entries(customer).filter(([, value]) => value !== null));
