/** A merchant's customer as it is answered (contract §6): a record, not somebody who signs in. */
export interface Customer {
  /** Snowflake. */
  id: string;
  merchantId: string;
  /** The merchant's own name for them; unique among the merchant's living customers, as is the phone number. */
  code: string;
  displayName: string;
  /** E.164 */
  phone: string | null;
  email: string | null;
  /** ISO 8601 date */
  birthday: string | null;
  note: string | null;
  tags: string[];
  /** Counts changes, from 1. */
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** What a caller may say of a customer. */
export type CustomerValues = Pick<
  Customer,
  'code' | 'displayName' | 'phone' | 'email' | 'birthday' | 'note' | 'tags'
>;

/** What is not named stays as it is, null takes a value away. */
export type CustomerChanges = { [Name in keyof CustomerValues]?: CustomerValues[Name] | undefined };

/** Without a code the id is the code. */
export type NewCustomer = CustomerChanges & { displayName: string };
